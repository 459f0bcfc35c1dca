/**
 * The simulated DynamoDB beside dynalite, which plays the real one: the same requests get the same answers. First the requests that the
 * production code makes, whatever is asked of it; then expressions by chance. Where dynalite itself differs from DynamoDB (one name for two
 * values in an update, lists and maps compared whole, two sides that are both missing) nothing is asked here.
 */

import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDBBackend } from '../../../src/backends/dynamodb.ts';
import { createDynamoDBLedger } from '../../../src/ledgers/dynamodb.ts';
import { backendSuite } from '../../../src/testing/backend-suite.ts';
import { ledgerSuite } from '../../../src/testing/ledger-suite.ts';
import { type LocalDynamoDB, startDynamoDB } from '../../support/dynamodb.ts';
import { createSimDynamoDB, type SimClient, type SimItem, type SimValue } from './index.ts';
import { createEnv, directClient } from './worlds.ts';

let dynalite: LocalDynamoDB;
beforeAll(async () => {
  dynalite = await startDynamoDB();
});
afterAll(() => dynalite.stop());

const newSim = (): SimClient => directClient(createSimDynamoDB(createEnv(), { tables: [{ name: 'celery' }] }));

/** What a request came to, in a form that can be compared. */
type Answer = { readonly answer: unknown } | { readonly error: string };

async function answerOf(
  client: { send(command: never): Promise<unknown> },
  command: unknown,
): Promise<Answer & { readonly raw?: unknown; readonly thrown?: unknown }> {
  try {
    const raw = await client.send(command as never);
    return { answer: comparable(raw), raw };
  } catch (thrown) {
    return { error: (thrown as Error).name, thrown };
  }
}

function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('base64')}`;
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name, member]) => name !== '$metadata' && !isEmpty(member));
  const members = entries.map(([name, member]) => [
    name,
    ['SS', 'NS', 'BS', 'Responses'].includes(name) ? sorted(member) : comparable(member),
  ]);
  return Object.fromEntries(members.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}

/** Sets have no order, and neither have the items that BatchGetItem finds. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((member) => JSON.stringify(comparable(member))).sort();
  return Object.entries(value as object).map(([name, members]) => [name, sorted(members)]);
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  (typeof value === 'object' &&
    value !== null &&
    !(value instanceof Uint8Array) &&
    Object.keys(value).length === 0 &&
    !Array.isArray(value));

/** dynalite takes two attributes that are both missing for equal; what the ledger deletes under that condition is missing as well. */
function isBothMissing(command: { readonly input?: { readonly ConditionExpression?: string } }, real: object, simulated: object): boolean {
  const isEqual = command.input?.ConditionExpression === 'starts_begun = #mine';
  return isEqual && 'answer' in real && 'error' in simulated && simulated.error === 'ConditionalCheckFailedException';
}

/** Asks both, one request after the other, and gives what dynalite said. */
function bothClient(): { send(command: never): Promise<unknown>; readonly asked: () => number } {
  const sim = newSim();
  let last: Promise<unknown> = Promise.resolve();
  let asked = 0;
  const ask = async (command: never): Promise<unknown> => {
    const { raw, thrown, ...real } = await answerOf(dynalite.client, command);
    const { raw: _raw, thrown: _thrown, ...simulated } = await answerOf(sim, command);
    asked += 1;
    if (!isBothMissing(command, real, simulated))
      expect({ command: (command as { input: unknown }).input, ...simulated }).toEqual({
        command: (command as { input: unknown }).input,
        ...real,
      });
    if (thrown !== undefined) throw thrown;
    return raw;
  };
  return {
    asked: () => asked,
    send(command) {
      const answer = last.then(() => ask(command));
      last = answer.catch(() => {});
      return answer;
    },
  };
}

describe('what the production code asks', () => {
  const client = { send: (command: never) => both.send(command) };
  let both: ReturnType<typeof bothClient>;

  /** Long, and it says no more than its fellows. */
  const LONG = /hundreds|thousand|400 KB|large|in every order/i;

  const makeBackend = () => {
    both = bothClient();
    let nowMs = Date.now();
    const open = () => createDynamoDBBackend({ client, clock: { now: () => nowMs } });
    const pass = async (seconds: number): Promise<void> => {
      nowMs += seconds * 1000;
    };
    return { backend: open(), other: open(), pass };
  };
  const lacking = { watch: 'none', release: 'none', grow: 'none' };
  for (const { name, run, cannot } of backendSuite(makeBackend, lacking)) {
    if (cannot === undefined && !LONG.test(name)) it(`is answered alike: the backend ${name}`, run);
  }

  const makeLedger = () => {
    both = bothClient();
    const open = () => createDynamoDBLedger({ tableName: 'celery', client });
    return { ledger: open(), other: open() };
  };
  for (const { name, run } of ledgerSuite(makeLedger)) if (!LONG.test(name)) it(`is answered alike: the ledger ${name}`, run);

  it('is asked of both', async () => {
    both = bothClient();
    await createDynamoDBLedger({ tableName: 'celery', client }).revoke(['some'], { expiresMs: 1 });
    expect(both.asked()).toBe(1);
  });
});

const texts = fc.constantFrom('a', 'ab', 'abc', 'b', 'ü', 'ba').map((S): SimValue => ({ S }));
const numerals = fc.constantFrom(
  '0',
  '1',
  '-1',
  '1.5',
  '10',
  '1e2',
  '0.10',
  '1700000000.123456',
  '123456789012345678901234567890',
  '-2.50',
);
const numbers = numerals.map((N): SimValue => ({ N }));
const bytes = fc.constantFrom([1], [1, 2], [2], [1, 2, 3]).map((list): SimValue => ({ B: Uint8Array.from(list) }));
const flags = fc.constantFrom<SimValue>({ BOOL: true }, { BOOL: false }, { NULL: true });
const textSets = fc.uniqueArray(fc.constantFrom('a', 'ab', 'b'), { minLength: 1 }).map((SS): SimValue => ({ SS }));
const numberSets = fc.uniqueArray(fc.constantFrom('1', '2', '1.5', '100'), { minLength: 1 }).map((NS): SimValue => ({ NS }));
const sets = fc.oneof(textSets, numberSets);
const scalars = fc.oneof(texts, numbers, bytes, flags);
const lists = fc.array(scalars, { maxLength: 3 }).map((L): SimValue => ({ L }));
const maps = fc.record({ x: scalars, y: fc.oneof(scalars, lists) }, { requiredKeys: [] }).map((M): SimValue => ({ M }));
const anything = fc.oneof(scalars, sets, lists, maps);

const items: fc.Arbitrary<SimItem> = fc.record(
  { a: anything, b: anything, n: numbers, s: sets, count: numbers, tags: sets, m: maps, l: lists },
  { requiredKeys: [] },
);

/** A piece of an expression, and the values it takes. */
interface Piece {
  readonly text: string;
  readonly values: Readonly<Record<string, SimValue>>;
}

let named = 0;
const asValue = (value: SimValue): Piece => {
  named += 1;
  return { text: `:v${named}`, values: { [`:v${named}`]: value } };
};
const bare = (text: string): Piece => ({ text, values: {} });
const joined = (parts: readonly Piece[], write: (texts: readonly string[]) => string): Piece => ({
  text: write(parts.map(({ text }) => text)),
  values: Object.assign({}, ...parts.map(({ values }) => values)),
});

const paths = fc.constantFrom('a', 'b', 'n', 's', 'm', 'm.x', 'm.y', 'm.y[0]', 'l[0]', 'l[2]', '#c', 'm.#x').map(bare);
const value = (of: fc.Arbitrary<SimValue>): fc.Arbitrary<Piece> => of.map(asValue);
const compared = fc.oneof(texts, numbers, bytes);

const simple: fc.Arbitrary<Piece> = fc.oneof(
  fc
    .tuple(fc.constantFrom('attribute_exists', 'attribute_not_exists'), paths)
    .map(([name, path]) => joined([path], ([text]) => `${name}(${text})`)),
  fc
    .tuple(paths, fc.constantFrom('=', '<>'), value(fc.oneof(scalars, sets)))
    .map(([left, sign, right]) => joined([left, right], ([a, b]) => `${a} ${sign} ${b}`)),
  fc
    .tuple(paths, fc.constantFrom('<', '<=', '>', '>='), value(compared))
    .map(([left, sign, right]) => joined([left, right], ([a, b]) => `${a}${sign}${b}`)),
  fc
    .tuple(value(compared), fc.constantFrom('<', '>='), paths)
    .map(([left, sign, right]) => joined([left, right], ([a, b]) => `${a} ${sign} ${b}`)),
  fc
    .tuple(paths, fc.constantFrom('=', '<', '>'), value(numbers))
    .map(([path, sign, right]) => joined([path, right], ([a, b]) => `size(${a}) ${sign} ${b}`)),
  fc.tuple(paths, value(texts)).map(([path, start]) => joined([path, start], ([a, b]) => `begins_with(${a}, ${b})`)),
  fc.tuple(paths, value(fc.oneof(texts, numbers))).map(([path, member]) => joined([path, member], ([a, b]) => `contains(${a}, ${b})`)),
  fc
    .tuple(paths, value(numbers), value(numbers))
    .filter(([, low, high]) => inOrder(low, high))
    .map((parts) => joined(parts, ([a, b, c]) => `${a} BETWEEN ${b} AND ${c}`)),
  fc.tuple(paths, value(scalars), value(texts)).map((parts) => joined(parts, ([a, b, c]) => `${a} IN (${b}, ${c})`)),
  fc
    .tuple(paths, fc.constantFrom('S', 'N', 'SS', 'M', 'NULL'))
    .map(([path, S]) => joined([path, asValue({ S })], ([a, b]) => `attribute_type(${a}, ${b})`)),
);

const numberOf = ({ values }: Piece): number => Number(Object.values(values)[0]?.N);
const inOrder = (low: Piece, high: Piece): boolean => numberOf(low) <= numberOf(high);

/** Without parentheses wherever precedence does without: what binds how is what is asked. */
const conditions: fc.Arbitrary<Piece> = fc.letrec<{ readonly any: Piece }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    simple,
    fc.tuple(tie('any'), simple).map((parts) => joined(parts, ([a, b]) => `${a} OR ${b}`)),
    fc.tuple(simple, tie('any')).map((parts) => joined(parts, ([a, b]) => `${a} AND ${b}`)),
    simple.map((part) => joined([part], ([a]) => `NOT ${a}`)),
    fc.tuple(simple, tie('any'), simple).map((parts) => joined(parts, ([a, b, c]) => `${a} AND (${b} OR ${c})`)),
    fc.tuple(simple, tie('any'), simple).map((parts) => joined(parts, ([a, b, c]) => `NOT (${a} AND ${b}) or ${c}`)),
  ),
})).any;

/** Names and values that an expression takes, and no others. */
function termsOf({ text, values }: Piece) {
  const names = { ...(text.includes('#c') && { '#c': 'count' }), ...(text.includes('#x') && { '#x': 'x' }) };
  return {
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values as never }),
  };
}

const targets = fc.constantFrom('a', 'b', 'm.x', 'm.y[0]', 'l[0]', 'l[9]', 'm.#x', 'a.x').map(bare);
const sources: fc.Arbitrary<Piece> = fc.oneof(
  value(anything),
  fc.constantFrom('n', 'b', 'm.x').map(bare),
  fc
    .tuple(fc.constantFrom('n', 'b', 'm.x').map(bare), value(anything))
    .map((parts) => joined(parts, ([a, b]) => `if_not_exists(${a}, ${b})`)),
  fc
    .tuple(fc.constantFrom('n', 'b').map(bare), fc.constantFrom('+', '-'), value(numbers))
    .map(([a, sign, b]) => joined([a, b], ([left, right]) => `${left} ${sign} ${right}`)),
  value(numbers).chain((none) => value(numbers).map((one) => joined([none, one], ([a, b]) => `if_not_exists(n, ${a}) + ${b}`))),
  fc.tuple(fc.constantFrom('l', 'm.y').map(bare), value(lists)).map((parts) => joined(parts, ([a, b]) => `list_append(${a}, ${b})`)),
);

const section = (word: string, parts: readonly Piece[]): Piece =>
  joined(parts, (pieces) => (pieces.length === 0 ? '' : `${word} ${pieces.join(', ')}`));
const assignments = fc.tuple(targets, sources).map((parts) => joined(parts, ([a, b]) => `${a} = ${b}`));
const updates: fc.Arbitrary<Piece> = fc
  .tuple(
    fc.array(assignments, { maxLength: 2 }).map((parts) => section('SET', parts)),
    fc
      .uniqueArray(fc.constantFrom('l[1]', 'l[2]', 'a', 'm.y', 'b', 's'), { maxLength: 2 })
      // Of one list dynalite counts the second place after it has removed the first; AWS counts both in the item as it was.
      .filter((names) => !(names.includes('l[1]') && names.includes('l[2]')))
      .map((names) => section('REMOVE', names.map(bare))),
    fc.option(
      fc.oneof(numbers, sets).map((added) => joined([asValue(added)], ([a]) => `ADD #c ${a}`)),
      { nil: bare('') },
    ),
    fc.option(
      sets.map((dropped) => joined([asValue(dropped)], ([a]) => `DELETE tags ${a}`)),
      { nil: bare('') },
    ),
  )
  .map((parts) => joined(parts, (pieces) => pieces.filter((piece) => piece !== '').join(' ')))
  .filter(({ text }) => text !== '');

const returns = fc.constantFrom('NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW');

describe('expressions by chance', () => {
  const sim = newSim();
  const compareBoth = async (command: unknown): Promise<void> => {
    const { raw: _r, thrown: told, ...real } = await answerOf(dynalite.client, command);
    const { raw: _s, thrown: why, ...simulated } = await answerOf(sim, command);
    const input = comparable((command as { input: unknown }).input);
    const said = [String(told), String(why)];
    expect({ input, said, ...simulated }).toEqual({ input, said, ...real });
  };
  const put = async (item: SimItem): Promise<void> => {
    const command = new PutItemCommand({ TableName: 'celery', Item: { ...item, id: { S: 'one' } } as never });
    await compareBoth(command);
  };
  const Key = { id: { S: 'one' } };

  it('hold or do not hold alike', async () => {
    await fc.assert(
      fc.asyncProperty(items, fc.array(conditions, { minLength: 1, maxLength: 8 }), async (item, all) => {
        await put(item);
        for (const condition of all) {
          await compareBoth(
            new UpdateItemCommand({
              TableName: 'celery',
              Key,
              ConditionExpression: condition.text,
              ...termsOf(condition),
            }),
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  it('change items alike, and answer alike', async () => {
    await fc.assert(
      fc.asyncProperty(items, fc.array(fc.tuple(updates, returns), { minLength: 1, maxLength: 5 }), async (item, all) => {
        await put(item);
        for (const [update, ReturnValues] of all) {
          await compareBoth(
            new UpdateItemCommand({ TableName: 'celery', Key, UpdateExpression: update.text, ReturnValues, ...termsOf(update) }),
          );
          await compareBoth(new UpdateItemCommand({ TableName: 'celery', Key, ReturnValues: 'ALL_NEW' }));
        }
      }),
      { numRuns: 60 },
    );
  });
});
