/** SQS has no priorities; where queues stand for levels of one, the priority of a task chooses among them. */

/** Queue to levels: from that priority on, to that queue, like `{ celery: { 7: 'celery.high' } }`. */
export type PriorityQueues = Readonly<Record<string, Readonly<Record<number, string>>>>;

/** The queue of the highest level that the priority reaches, else the queue itself. */
export function queueForPriority(queue: string, priority: number | undefined, levels: PriorityQueues): string {
  if (priority === undefined || !Object.hasOwn(levels, queue)) return queue;
  const reached = Object.entries(levels[queue]!).filter(([from]) => Number(from) <= priority);
  return reached.sort(([a], [b]) => Number(b) - Number(a))[0]?.[1] ?? queue;
}
