/** The expressions of a request: each text is read once, and what a request brings of `#names` and `:values` is checked against all of its texts. */

import type { SimValue } from './contract.ts';
import { type Condition, readCondition } from './dynamodb-conditions.ts';
import type { Path } from './dynamodb-paths.ts';
import { createReader, type PathOf, type Reader, type Scope } from './dynamodb-reader.ts';
import { readUpdate, type Update } from './dynamodb-updates.ts';
import { invalid } from './dynamodb-values.ts';

export interface ExpressionInput {
  readonly ConditionExpression?: string | undefined;
  readonly UpdateExpression?: string | undefined;
  readonly ProjectionExpression?: string | undefined;
  readonly KeyConditionExpression?: string | undefined;
  readonly FilterExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, SimValue>> | undefined;
}

/** Undefined where the request has no such text. */
export interface Expressions {
  readonly condition: Condition | undefined;
  readonly update: Update | undefined;
  readonly projection: readonly Path[] | undefined;
  readonly keyCondition: Condition | undefined;
  readonly filter: Condition | undefined;
  readonly terms: Omit<Scope, 'item'>;
}

interface Read<Meaning> {
  readonly meaning: Meaning;
  readonly reader: Reader;
}

const conditionOf = remembered(readCondition);
const updateOf = remembered(readUpdate);
const projectionOf = remembered(readProjection);

export function readExpressions(input: ExpressionInput): Expressions {
  const names = input.ExpressionAttributeNames ?? {};
  const values = input.ExpressionAttributeValues ?? {};
  const condition = conditionOf(input.ConditionExpression);
  const update = updateOf(input.UpdateExpression);
  const projection = projectionOf(input.ProjectionExpression);
  const keyCondition = conditionOf(input.KeyConditionExpression);
  const filter = conditionOf(input.FilterExpression);
  const readers = [condition, update, projection, keyCondition, filter].flatMap((read) => (read === undefined ? [] : [read.reader]));
  checkTerms('Name', names, readers, ({ usedNames }) => usedNames);
  checkTerms('Value', values, readers, ({ usedValues }) => usedValues);
  return {
    condition: condition?.meaning,
    update: update?.meaning,
    projection: projection?.meaning.map((path) => path(names)),
    keyCondition: keyCondition?.meaning,
    filter: filter?.meaning,
    terms: { names, values },
  };
}

function remembered<Meaning>(read: (reader: Reader) => Meaning): (text: string | undefined) => Read<Meaning> | undefined {
  const known = new Map<string, Read<Meaning>>();
  return (text) => {
    if (text === undefined) return undefined;
    const before = known.get(text);
    if (before !== undefined) return before;
    const reader = createReader(text);
    const found = { meaning: read(reader), reader };
    reader.end();
    known.set(text, found);
    return found;
  };
}

function readProjection(reader: Reader): readonly PathOf[] {
  const paths = [reader.path()];
  while (reader.accept(',')) paths.push(reader.path());
  return paths;
}

function checkTerms(
  what: 'Name' | 'Value',
  given: Readonly<Record<string, unknown>>,
  readers: readonly Reader[],
  usedBy: (reader: Reader) => ReadonlySet<string>,
): void {
  for (const reader of readers) {
    for (const term of usedBy(reader)) {
      if (Object.hasOwn(given, term)) continue;
      throw invalid(
        `Invalid expression: An expression attribute ${what.toLowerCase()} used in expression is not defined; attribute: ${term}`,
      );
    }
  }
  for (const term in given) {
    if (readers.some((reader) => usedBy(reader).has(term))) continue;
    throw invalid(`Value provided in ExpressionAttribute${what}s unused in expressions: keys: {${term}}`);
  }
}
