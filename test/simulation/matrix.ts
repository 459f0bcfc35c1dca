/** Which faults hit what: kinds across, points of a message's way down. */

import { type Fault, type FaultKind, kindsAt } from './faults.ts';

export class Matrix {
  readonly #counts = new Map<string, Map<FaultKind, number>>();

  add(faults: readonly Pick<Fault, 'kind' | 'point'>[]): void {
    for (const { kind, point } of faults) {
      const row = this.#counts.get(point) ?? new Map<FaultKind, number>();
      this.#counts.set(point, row.set(kind, (row.get(kind) ?? 0) + 1));
    }
  }

  get byKind(): ReadonlyMap<FaultKind, number> {
    const sums = new Map<FaultKind, number>();
    for (const row of this.#counts.values()) for (const [kind, count] of row) sums.set(kind, (sums.get(kind) ?? 0) + count);
    return sums;
  }

  /** What could have happened and did not, like `sqs.SendMessageBatch — killed`; of these points, or of all that were hit. */
  zeros(points: Iterable<string> = this.#counts.keys()): readonly string[] {
    return [...points].flatMap((point) =>
      [...new Set(kindsAt(point))].flatMap((kind) => ((this.#counts.get(point)?.get(kind) ?? 0) === 0 ? [`${point} — ${kind}`] : [])),
    );
  }

  toString(): string {
    const kinds = [...this.byKind.keys()].sort();
    const points = [...this.#counts.keys()].sort();
    const width = Math.max(...points.map(({ length }) => length));
    const head = `${' '.repeat(width)}  ${kinds.join('  ')}`;
    const rows = points.map((point) => {
      const possible = new Set(kindsAt(point));
      const cells = kinds.map((kind) => (possible.has(kind) ? String(this.#counts.get(point)!.get(kind) ?? 0) : '·').padStart(kind.length));
      return `${point.padEnd(width)}  ${cells.join('  ')}`;
    });
    return [head, ...rows].join('\n');
  }
}

/** The way of a message, each point of which must be hit by each fault that it can have. */
export const POINTS: readonly string[] = [
  'sqs.SendMessageBatch',
  'sqs.entry',
  'sqs.entry(quarantine)',
  'sqs.ChangeMessageVisibility',
  'scheduler.CreateSchedule',
  'lambda.invoke',
  'handler.start',
  'task.run',
  'handler.answer',
  'mapping.delete',
  'dynamodb.entry',
  'dynamodb.BatchGetItem(revoked)',
  'dynamodb.BatchGetItem(attempt)',
  'dynamodb.UpdateItem(attempt)',
  'dynamodb.DeleteItem(attempt)',
  'dynamodb.PutItem(claim)',
  'dynamodb.UpdateItem(claim)',
  'dynamodb.GetItem(claim)',
  'dynamodb.PutItem(result)',
  'dynamodb.GetItem(result)',
  'dynamodb.BatchGetItem(result)',
  'dynamodb.BatchWriteItem(result)',
  'dynamodb.PutItem(chord)',
  'dynamodb.UpdateItem(chord)',
  'dynamodb.GetItem(chord)',
  'dynamodb.PutItem(group)',
  'dynamodb.GetItem(group)',
  'dynamodb.UpdateItem(group)',
  's3.PutObject',
  's3.GetObject',
];
