/** How long a message that is given back stays out of sight (kombu.transport.SQS QoS.apply_backoff_policy). */

import type { Settings } from '../app/settings.ts';
import type { Delivery } from '../transports/transport.ts';
import type { Disposition } from './disposition.ts';

/** The disposition with the policy's seconds for this many receives; one that brings its own, or is no giving back, stays as it is. */
export function backOff(
  disposition: Disposition,
  task: string,
  { receiveCount }: Delivery,
  { brokerTransportOptions }: Settings,
): Disposition {
  const { backoffPolicy, backoffTasks } = brokerTransportOptions;
  if (backoffPolicy === undefined || disposition.do !== 'requeue' || disposition.afterSeconds !== undefined) return disposition;
  if (backoffTasks !== undefined && !backoffTasks.includes(task)) return disposition;
  const afterSeconds = secondsFor(backoffPolicy, receiveCount);
  return afterSeconds === undefined ? disposition : { do: 'requeue', afterSeconds };
}

/** The step of the highest count that is reached. */
function secondsFor(policy: Readonly<Record<number, number>>, receiveCount: number): number | undefined {
  const reached = Object.keys(policy)
    .map(Number)
    .filter((count) => count <= receiveCount);
  return reached.length === 0 ? undefined : policy[Math.max(...reached)];
}
