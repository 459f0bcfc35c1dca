/**
 * Running several deliveries at once without breaking an order: a lane is what must run one after the other, a whole
 * message group of a FIFO queue, or a single message of a standard queue.
 */

/** One lane per item on a standard queue, one per message group on a FIFO queue, in the order of the items. */
export function toLanes<T>(items: readonly T[], fifo: boolean, groupOf: (item: T) => string | undefined): readonly (readonly T[])[] {
  if (!fifo) return items.map((item) => [item]);
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groupOf(item) ?? '';
    const lane = groups.get(group);
    if (lane === undefined) groups.set(group, [item]);
    else lane.push(item);
  }
  return [...groups.values()];
}

export interface LaneOptions<T> {
  /** Deals with one item; true when it is done. Never rejects. */
  readonly run: (item: T) => Promise<boolean>;
  /** False once nothing more may be started. */
  readonly mayStart: () => boolean;
  /** Collects what is done. */
  readonly done: Set<T>;
}

/**
 * Runs all lanes, at most `concurrency` at a time; nothing is left running when it resolves. Each goes up to its first item that is not
 * done: what follows in a FIFO group must not overtake it.
 */
export async function runLanes<T>(
  lanes: readonly (readonly T[])[],
  concurrency: number,
  { run, mayStart, done }: LaneOptions<T>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < lanes.length) {
      for (const item of lanes[next++]!) {
        if (!mayStart() || !(await run(item))) break;
        done.add(item);
      }
    }
  };
  if (lanes.length === 1 || concurrency === 1) await worker();
  else {
    const running: Promise<void>[] = [];
    while (running.length < concurrency && running.length < lanes.length) running.push(worker());
    await Promise.all(running);
  }
}
