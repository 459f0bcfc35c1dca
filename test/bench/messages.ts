/** What is consumed and published: the recorded default message of the real Celery, as it is or with arguments of a given size. */

import { readFileSync } from 'node:fs';
import { createSqsEvent, createSqsRecord } from '../../src/testing/events.ts';
import { argsRepr } from '../../src/wire/repr.ts';

const recorded = JSON.parse(readFileSync(new URL('../interop/recorded/fixtures/celery/args.json', import.meta.url), 'utf8')) as {
  readonly sqs: { readonly MessageBody: string };
};
const envelope = JSON.parse(Buffer.from(recorded.sqs.MessageBody, 'base64').toString()) as {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, unknown>>;
};

const EMBED = { callbacks: null, errbacks: null, chain: null, chord: null };

/** An order whose JSON has about so many bytes. */
export function orderOf(bytes: number): Record<string, unknown> {
  const order = {
    number: 'A-2031-00042',
    customer: { id: 918_273, name: 'Ada Lovelace', newsletter: false },
    note: null,
    lines: [] as unknown[],
  };
  for (let place = 0; JSON.stringify(order).length < bytes; place++) {
    order.lines.push({
      sku: `SKU-${1000 + place}`,
      title: 'Analytical engine, spare wheel',
      quantity: (place % 3) + 1,
      price: 19.95 + place,
    });
  }
  return order;
}

/** A message body with these arguments, both layers in base64, as Celery writes it; `id` is the task's. */
export function messageBody(args: readonly unknown[], id: string): string {
  const body = base64(pythonJson([args, {}, EMBED]));
  const headers = { ...envelope.headers, id, root_id: id, argsrepr: argsRepr(args) };
  return base64(pythonJson({ ...envelope, body, headers, properties: { ...envelope.properties, correlation_id: id } }));
}

/** An event of so many messages, each with the arguments of its place. Parsed from text, as Lambda's runtime does it. */
export function eventOf(records: number, argsAt: (place: number) => readonly unknown[]): ReturnType<typeof createSqsEvent> {
  const bodies = Array.from({ length: records }, (_, place) => messageBody(argsAt(place), idOf(place)));
  return JSON.parse(JSON.stringify(createSqsEvent(bodies.map((body, place) => createSqsRecord(body, { messageId: idOf(place) })))));
}

const idOf = (place: number): string => `1c704089-39e8-4873-9733-${String(place).padStart(12, '0')}`;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Python's json.dumps puts a blank after each comma and colon. */
function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${pythonJson(item)}`)
    .join(', ')}}`;
}
