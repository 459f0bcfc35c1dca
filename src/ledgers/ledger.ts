/**
 * The seam to whatever remembers, by task id, what the queue cannot: attempts that never ended, revocations, and who may run.
 * A ledger judges nothing; what follows from its answers is the worker's business. `testing/ledger-suite` holds what each must do.
 */

/** One run of one message; the token is its own and never used again. */
export interface Attempt {
  readonly taskId: string;
  readonly token: string;
}

/**
 * Where a time is asked for it is milliseconds since 1970, and it is the caller's clock that counts. What writes rejects with
 * BackendStoreError, what reads with BackendGetError; it was then done or not, and may be asked again with the same token.
 */
export interface Ledger {
  /**
   * Notes that an attempt starts, and answers how many starts of this task never ended, this one not counted. Noting the same
   * token again counts once. The record may be forgotten from `expiresMs` on.
   */
  begin(attempt: Attempt & { readonly expiresMs: number }): Promise<{ readonly unfinished: number }>;
  /**
   * The attempt ended by itself, however it ended: its start no longer counts, nor any earlier one. Starts that came after it
   * still count.
   */
  finish(attempt: Attempt): Promise<void>;
  /**
   * How many starts of each of these tasks never ended, in their order; notes nothing. Absent: nobody knows, and whatever was delivered
   * before is taken for suspect.
   */
  unfinished?(taskIds: readonly string[]): Promise<readonly number[]>;

  /** Refuses these ids while the time is before `expiresMs`; never shortens what was asked before. */
  revoke(taskIds: readonly string[], options: { readonly expiresMs: number }): Promise<void>;
  /** Refuses every task that carries one of these values under the stamp's name, as `revoke` does. */
  revokeByStamps(stamps: Readonly<Record<string, readonly unknown[]>>, options: { readonly expiresMs: number }): Promise<void>;
  /**
   * Whether the task is refused now, by its id or by a stamp; a stamp that is a list is refused by any of its values
   * (celery.worker.request.Request.revoked).
   */
  isRevoked(task: { readonly taskId: string; readonly stamps: Readonly<Record<string, unknown>> }, nowMs: number): Promise<boolean>;

  /**
   * Asks to be the one who runs the task. Claiming again with the same token is granted again, and never shortens the claim.
   */
  claim(claim: Claim): Promise<ClaimAnswer>;
  /** Holds the claim longer, never shorter; false when it is no longer this attempt's. */
  renew(attempt: Attempt & { readonly heldUntilMs: number }): Promise<boolean>;
  /**
   * The task is done and does not run again before `expiresMs`; `outcome` is kept for whoever asks. Settled again by the same attempt
   * it is kept with the later outcome. False when the claim is no longer this attempt's: then nothing was written.
   */
  settle(attempt: Attempt & { readonly expiresMs: number; readonly outcome?: string }): Promise<boolean>;
  /** Lets another attempt run at once. Nothing happens when the claim is no longer this attempt's, or is settled. */
  release(attempt: Attempt): Promise<void>;

  /**
   * Asks for a name that one task at a time may have, until a moment; asked for again by the same task it is held longer, never
   * shorter. Answers whose it is: the one who asked, or who had it before.
   */
  reserve(reservation: Reservation & { readonly nowMs: number; readonly untilMs: number }): Promise<{ readonly taskId: string }>;
  /** Gives the name up. Nothing happens when it is another's by now. */
  unreserve(reservation: Reservation): Promise<void>;

  /** Lets go of sockets and clients. */
  close?(): Promise<void>;
}

export interface Reservation {
  /** Any text. */
  readonly name: string;
  readonly taskId: string;
}

export interface Claim extends Attempt {
  /** A digest of what is to run; the same id with another one is refused for as long as the record is kept. */
  readonly payload: string;
  readonly nowMs: number;
  /** From then on another attempt may take over, and not before; see `heldUntil`. */
  readonly heldUntilMs: number;
  /** When the record may be forgotten; not before `heldUntilMs`, whatever is given here. */
  readonly expiresMs: number;
}

export type ClaimAnswer =
  | { readonly claim: 'granted' }
  /** Another attempt has it. */
  | { readonly claim: 'held'; readonly untilMs: number }
  /** The task ran to its end; `outcome` as it was settled with. */
  | { readonly claim: 'done'; readonly outcome?: string }
  /** The id was claimed with another payload; `outcome` where that one is settled. */
  | { readonly claim: 'mismatch'; readonly outcome?: string };

/** How far two clocks may be apart. */
const CLOCK_SKEW_MS = 300_000;

/** The end of a claim by an attempt that will be dead after `remainingMs`; none is left at 0 or less. `skewMs` defaults to five minutes. */
export function heldUntil(nowMs: number, remainingMs: number, skewMs: number = CLOCK_SKEW_MS): number {
  return nowMs + Math.max(0, remainingMs) + skewMs;
}
