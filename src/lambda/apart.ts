/**
 * A batch that may have killers in it. Records with a start that never ended run after the others and one at a time, the least suspect
 * first, and what is done is acknowledged before the next of them is started: whoever is taken along then was not started.
 */

import { type App, internalsOf } from '../app/app.ts';
import { errorFields, type Logger } from '../logger.ts';
import { type LaneOptions, runLanes } from '../worker/lanes.ts';
import { unfinishedStarts } from '../worker/unfinished.ts';
import { toDelivery, wasDeliveredBefore } from './delivery.ts';
import type { SqsRecord } from './event.ts';

export interface Apartness {
  /** How often each was started and never ended, in their order. Never rejects. */
  readonly unfinished: (records: readonly SqsRecord[]) => Promise<readonly number[]>;
  /** Acknowledges a record before the batch is answered for. Never rejects. */
  readonly acknowledge: (record: SqsRecord) => Promise<void>;
}

type Lane = readonly SqsRecord[];

/** Runs all lanes, those with a suspect apart. What was acknowledged on the way is done, and answered for as such. */
export async function runLanesApart(
  lanes: readonly Lane[],
  concurrency: number,
  options: LaneOptions<SqsRecord>,
  { unfinished, acknowledge }: Apartness,
): Promise<void> {
  const met = lanes.flat().filter(wasDeliveredBefore);
  const starts = await unfinished(met);
  const startsOf = new Map(met.map((record, index) => [record, starts[index] ?? 0]));
  const suspicion = (lane: Lane): number => Math.max(...lane.map((record) => startsOf.get(record) ?? 0));
  const suspects = lanes.filter((lane) => suspicion(lane) > 0).sort((a, b) => suspicion(a) - suspicion(b));
  const acknowledged = new Set<SqsRecord>();
  const acknowledgeDone = async (): Promise<void> => {
    const fresh = [...options.done].filter((record) => !acknowledged.has(record));
    for (const record of fresh) acknowledged.add(record);
    await Promise.all(fresh.map(acknowledge));
  };
  const others = lanes.filter((lane) => suspicion(lane) === 0);
  await runLanes(others, concurrency, options);
  const run = async (record: SqsRecord): Promise<boolean> => {
    await acknowledgeDone();
    return await options.run(record);
  };
  await runLanes(suspects, 1, { ...options, run });
}

/** For records of one queue, with the ledger and the transport of an app. */
export function apartIn(app: App, queue: string, logger: Logger): Apartness {
  const { inbox } = internalsOf(app).connected().transport;
  return {
    unfinished: (records) =>
      unfinishedStarts(
        app,
        records.map((record) => toDelivery(record, queue)),
      ),
    async acknowledge(record) {
      const { messageId } = record;
      try {
        await inbox?.done(toDelivery(record, queue));
      } catch (error) {
        logger.warn({ message: 'not acknowledged early', messageId, queue, error: errorFields(error) });
      }
    },
  };
}
