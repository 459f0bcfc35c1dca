/** What becomes of a delivery once it has been dealt with. Acknowledging is a value that the door acts on; nobody below it deletes a message. */

export type Disposition =
  | { readonly do: 'ack' }
  /** Given back; visible again after so many seconds, or after the queue's visibility time-out. */
  | { readonly do: 'requeue'; readonly afterSeconds?: number }
  /** Set aside because waiting cannot mend it: `buried` once it lies in the dead-letter queue, else it is given back. */
  | { readonly do: 'quarantine'; readonly code: string; readonly reason: string; readonly buried: boolean };

export const ACK: Disposition = Object.freeze({ do: 'ack' });
export const REQUEUE: Disposition = Object.freeze({ do: 'requeue' });

/** True when the message is done with and its queue may forget it. */
export const isAcknowledged = (disposition: Disposition): boolean =>
  disposition.do === 'ack' || (disposition.do === 'quarantine' && disposition.buried);
