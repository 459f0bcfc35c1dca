/** TransactWriteItems: all of its writes or none, and once for a token within ten minutes. */

import type { Table, Write, WriteInput, WriteKind } from './dynamodb-table.ts';
import { invalid } from './dynamodb-values.ts';
import { type Env, sdkError } from './machine.ts';

const MOST_WRITES = 100;
const TEN_MINUTES_MS = 600_000;
const KINDS: readonly WriteKind[] = ['Put', 'Update', 'Delete', 'ConditionCheck'];

interface TransactInput {
  readonly TransactItems?: readonly Partial<Record<WriteKind, WriteInput>>[];
  readonly ClientRequestToken?: string;
}

export function createTransactions(env: Env, named: (table: string | undefined) => Table, perform: (write: Write) => unknown) {
  const done = new Map<string, { readonly request: string; readonly untilMs: number }>();

  const toWrite = (entry: Partial<Record<WriteKind, WriteInput>>): Write => {
    const kinds = KINDS.filter((kind) => entry[kind] !== undefined);
    if (kinds.length !== 1) throw invalid('TransactItems can only contain one of Check, Put, Update or Delete');
    const input = entry[kinds[0]!]!;
    return named(input.TableName).write(kinds[0]!, input);
  };

  return ({ TransactItems = [], ClientRequestToken: token }: TransactInput): object => {
    const request = token === undefined ? '' : JSON.stringify(TransactItems);
    const before = token === undefined ? undefined : done.get(token);
    if (before !== undefined && env.now() < before.untilMs) {
      if (before.request === request) return {};
      throw sdkError(
        'IdempotentParameterMismatchException',
        'The request uses the same client token as a previous, but non-identical request.',
      );
    }
    const writes = TransactItems.map(toWrite);
    checkWrites(writes);
    const reasons = writes.map(reasonOf);
    if (reasons.some(({ Code }) => Code !== 'None')) {
      const codes = reasons.map(({ Code }) => Code).join(', ');
      const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
      throw sdkError('TransactionCanceledException', message, 400, { CancellationReasons: reasons });
    }
    for (const write of writes) perform(write);
    if (token !== undefined) done.set(token, { request, untilMs: env.now() + TEN_MINUTES_MS });
    return {};
  };
}

function checkWrites(writes: readonly Write[]): void {
  if (writes.length === 0 || writes.length > MOST_WRITES)
    throw invalid(`Member must have length between 1 and ${MOST_WRITES}: transactItems`);
  const places = new Set(writes.map(({ table, key }) => `${table.definition.name}/${key}`));
  if (places.size < writes.length) throw invalid('Transaction request cannot include multiple operations on one item');
}

interface Reason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: unknown;
}

function reasonOf({ change }: Write): Reason {
  try {
    change();
    return { Code: 'None' };
  } catch (error) {
    const { name, message, Item } = error as Error & { readonly Item?: unknown };
    if (name === 'ConditionalCheckFailedException')
      return { Code: 'ConditionalCheckFailed', Message: message, ...(Item !== undefined && { Item }) };
    if (name === 'ValidationException') return { Code: 'ValidationError', Message: message };
    throw error;
  }
}
