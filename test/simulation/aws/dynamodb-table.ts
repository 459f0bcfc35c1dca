/** One table: its keys, and a write worked out before it is done, so that several may be done together or not at all. */

import { Buffer } from 'node:buffer';
import type { SimItem, SimTableDefinition, SimValue } from './contract.ts';
import { type ExpressionInput, type Expressions, readExpressions } from './dynamodb-expressions.ts';
import { overlap, projected } from './dynamodb-paths.ts';
import { invalid, itemBytes, MAX_ITEM_BYTES, storedItem } from './dynamodb-values.ts';
import { sdkError } from './machine.ts';

/** The fields of a write, alone or in a batch or transaction. */
export interface WriteInput extends ExpressionInput {
  readonly TableName?: string;
  readonly Key?: SimItem;
  readonly Item?: SimItem;
  readonly ReturnValues?: string;
  readonly ReturnValuesOnConditionCheckFailure?: string;
}

export type WriteKind = 'Put' | 'Update' | 'Delete' | 'ConditionCheck';

/** A write that was read, and not done yet. */
export interface Write {
  readonly table: Table;
  readonly key: string;
  /** The item there now, and as it is to be; throws what the SDK throws where it may not be. */
  change(): Change;
}

export interface Change {
  readonly before: SimItem | undefined;
  readonly after: SimItem | undefined;
  /** What is asked for in `ReturnValues`. */
  readonly attributes: SimItem | undefined;
}

export interface Table {
  readonly definition: SimTableDefinition;
  readonly items: Map<string, SimItem>;
  readonly keyNames: readonly string[];
  /** The place of a request's Key. */
  keyOf(key: SimItem | undefined): string;
  keyInItem(item: SimItem): string;
  write(kind: WriteKind, input: WriteInput): Write;
}

const MAX_KEY_BYTES = [2048, 1024];
const NO_RETURN: ReadonlySet<string> = new Set(['NONE', 'ALL_OLD']);

export function createTable(definition: SimTableDefinition): Table {
  const { hash = 'id', range } = definition;
  const keyNames = range === undefined ? [hash] : [hash, range];
  const items = new Map<string, SimItem>();

  const keyInItem = (item: SimItem): string => keyNames.map((name, at) => keyText(item[name], name, MAX_KEY_BYTES[at]!)).join('\0');
  const keyOf = (key: SimItem | undefined): string => {
    if (key === undefined || Object.keys(key).length !== keyNames.length)
      throw invalid('The provided key element does not match the schema');
    return keyInItem(key);
  };

  const after = (kind: WriteKind, input: WriteInput, before: SimItem | undefined, expressions: Expressions): SimItem | undefined => {
    if (kind === 'ConditionCheck') return before;
    if (kind === 'Delete') return undefined;
    const item = kind === 'Put' ? storedItem(input.Item!) : updated(input, before, expressions);
    if (itemBytes(item) <= MAX_ITEM_BYTES) return item;
    throw invalid(`Item size ${kind === 'Put' ? '' : 'to update '}has exceeded the maximum allowed size`);
  };
  const updated = ({ Key }: WriteInput, before: SimItem | undefined, { update, terms }: Expressions): SimItem => {
    const item = before ?? storedItem(Key!);
    if (update === undefined) return item;
    for (const path of update.paths(terms.names)) {
      const name = keyNames.find((key) => overlap(path, [key]));
      if (name === undefined) continue;
      throw invalid(`One or more parameter values were invalid: Cannot update attribute ${name}. This attribute is part of the key`);
    }
    return update.apply({ item, ...terms });
  };

  const table: Table = {
    definition,
    items,
    keyNames,
    keyOf,
    keyInItem,
    write(kind, input) {
      const expressions = readExpressions(input);
      const key = kind === 'Put' ? keyInItem(input.Item ?? {}) : keyOf(input.Key);
      const { ReturnValues = 'NONE' } = input;
      if (kind !== 'Update' && !NO_RETURN.has(ReturnValues)) throw invalid('Return values set to invalid value');
      return {
        table,
        key,
        change() {
          const before = items.get(key);
          const { condition, terms } = expressions;
          if (condition !== undefined && !condition({ item: before ?? {}, ...terms })) throw conditionFailure(before, input);
          const item = after(kind, input, before, expressions);
          return { before, after: item, attributes: returned(ReturnValues, { before, after: item }, expressions) };
        },
      };
    },
  };
  return table;
}

function keyText(value: SimValue | undefined, name: string, maxBytes: number): string {
  const text = value?.S ?? value?.N;
  if (text === undefined) {
    const found = value === undefined ? `Missing the key ${name} in the item` : `Type mismatch for key ${name}`;
    throw invalid(`One or more parameter values were invalid: ${found}`);
  }
  if (text === '')
    throw invalid(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${name}`,
    );
  if (text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes) {
    throw invalid(
      `One or more parameter values were invalid: Size of key ${name} has exceeded the maximum size limit of ${maxBytes} bytes`,
    );
  }
  return text;
}

function conditionFailure(before: SimItem | undefined, { ReturnValuesOnConditionCheckFailure }: WriteInput): Error {
  const item = ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && before !== undefined && { Item: before };
  return sdkError('ConditionalCheckFailedException', 'The conditional request failed', 400, item || {});
}

function returned(
  wanted: string,
  { before, after }: { readonly before: SimItem | undefined; readonly after: SimItem | undefined },
  { update, terms }: Expressions,
): SimItem | undefined {
  switch (wanted) {
    case 'NONE':
      return undefined;
    case 'ALL_OLD':
      return before;
    case 'ALL_NEW':
      return after;
    case 'UPDATED_OLD':
      return before && some(projected(before, update?.paths(terms.names) ?? []));
    case 'UPDATED_NEW':
      return after && some(projected(after, update?.paths(terms.names) ?? []));
    default:
      throw invalid(`Value '${wanted}' at 'returnValues' failed to satisfy constraint`);
  }
}

function some(item: SimItem): SimItem | undefined {
  return Object.keys(item).length > 0 ? item : undefined;
}
