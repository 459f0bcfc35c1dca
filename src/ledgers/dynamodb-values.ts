/** An item's attributes as plain values and as DynamoDB spells them; a ledger needs strings, numbers and booleans. */

export type Scalar = string | number | boolean;
export type Item = ReadonlyMap<string, Scalar>;

/** An expression's own `#names` and `:values`, without their signs. */
export interface Terms {
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, Scalar>>;
}

type Attribute = { readonly S: string } | { readonly N: string } | { readonly BOOL: boolean };
/** As the SDK writes an item. */
export type Attributes = Record<string, Attribute>;

export function toTerms({ names, values }: Terms) {
  return {
    ...(names !== undefined && { ExpressionAttributeNames: signed('#', names) }),
    ...(values !== undefined && { ExpressionAttributeValues: signed(':', toAttributes(values)) }),
  };
}

function signed<Value>(sign: string, terms: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(terms).map(([name, value]) => [sign + name, value]));
}

export function toAttributes(values: Readonly<Record<string, Scalar>>): Attributes {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toAttribute(value)]));
}

function toAttribute(value: Scalar): Attribute {
  if (typeof value === 'string') return { S: value };
  return typeof value === 'number' ? { N: String(value) } : { BOOL: value };
}

export function fromAttributes(attributes: Attributes): Item {
  return new Map(Object.entries(attributes).flatMap(([name, value]) => fromAttribute(value).map((scalar) => [name, scalar] as const)));
}

/** Nothing for the kinds that no ledger writes. */
function fromAttribute(value: Attribute): readonly Scalar[] {
  if ('S' in value) return [value.S];
  if ('N' in value) return [Number(value.N)];
  return 'BOOL' in value ? [value.BOOL] : [];
}

/** 0 where there is none. */
export function numberOf(item: Item | undefined, name: string): number {
  const value = item?.get(name);
  return typeof value === 'number' ? value : 0;
}

/** DynamoDB's time to live is in whole seconds; rounded up, nothing goes too early. */
export const ttlSeconds = (ms: number): number => Math.ceil(ms / 1000);
