/** What a request is about, for the weather and for whoever reads a trace: the operation, whose record it is, and a key. */

/** By what keys begin with. */
const RECORDS: readonly (readonly [prefix: string, name: string])[] = [
  ["b'celery-task-meta-", 'result'],
  ["b'celery-taskset-meta-", 'group'],
  ["b'chord-unlock-", 'chord'],
  ['celeriac-attempt-', 'attempt'],
  ['celeriac-claim-', 'claim'],
  ['celeriac-revoked-', 'revoked'],
  ['celeriac-', 'other'],
];

interface Keyed {
  readonly id?: { readonly S?: string };
}

interface Requested {
  readonly Key?: Keyed;
  readonly Item?: Keyed;
  readonly Name?: string;
  readonly ReceiptHandle?: string;
  readonly Entries?: readonly { readonly MessageBody?: string }[];
  readonly RequestItems?: Readonly<
    Record<string, { readonly Keys?: readonly Keyed[] } | readonly { readonly PutRequest?: { readonly Item?: Keyed } }[]>
  >;
  readonly TransactItems?: readonly Readonly<Record<string, { readonly Key?: Keyed; readonly Item?: Keyed }>>[];
}

export interface Point {
  /** Like `dynamodb.UpdateItem(claim)`. */
  readonly point: string;
  readonly key: string;
}

/** @param nameOf what a message's body is about, for short */
export function pointOf(operation: string, input: unknown, nameOf: (body: string) => string): Point {
  const asked = input as Requested;
  if (operation.startsWith('dynamodb.')) {
    const key = firstKey(asked) ?? '';
    const record = recordOf(key);
    return { point: `${operation}(${record?.name ?? 'other'})`, key: record?.id ?? key };
  }
  if (operation.startsWith('s3.')) return { point: operation, key: String(asked.Key) };
  if (asked.Entries !== undefined)
    return { point: operation, key: asked.Entries.map(({ MessageBody = '' }) => nameOf(MessageBody)).join() };
  return { point: operation, key: asked.Name ?? asked.ReceiptHandle ?? '' };
}

function firstKey({ Key, Item, RequestItems, TransactItems }: Requested): string | undefined {
  if (Key !== undefined || Item !== undefined) return (Key ?? Item)?.id?.S;
  if (TransactItems !== undefined) return TransactItems.flatMap((one) => Object.values(one)).map((one) => (one.Key ?? one.Item)?.id?.S)[0];
  const [asked] = Object.values(RequestItems ?? {});
  if (asked === undefined) return undefined;
  return 'Keys' in asked ? asked.Keys?.[0]?.id?.S : (asked as readonly { PutRequest?: { Item?: Keyed } }[])[0]?.PutRequest?.Item?.id?.S;
}

/** Whose record a key of the table is. */
export function recordOf(key: string): { readonly name: string; readonly id: string } | undefined {
  for (const [prefix, name] of RECORDS) {
    if (key.startsWith(prefix)) return { name, id: key.slice(prefix.length, prefix.startsWith("b'") ? -1 : undefined) };
  }
  return undefined;
}
