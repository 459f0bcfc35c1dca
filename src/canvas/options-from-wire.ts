/** Options that came in a signature, under Celery's own names, as options of a call (celery.canvas.Signature.options). */

import { isRecord } from '../wire/records.ts';
import { type ApplyOptions, PLAIN_OPTIONS, type RetryPolicy } from './call-options.ts';
import type { WireOptions } from './plan.ts';
import type { AnySignature } from './step.ts';
import { renamed, wireName } from './wire-options.ts';

const FROM_WIRE = new Map<string, keyof ApplyOptions>(PLAIN_OPTIONS.map((name) => [wireName(name), name]));

const POLICY: readonly (keyof RetryPolicy)[] = ['maxRetries', 'intervalStart', 'intervalStep', 'intervalMax'];
const POLICY_FROM_WIRE = new Map<string, string>(POLICY.map((name) => [wireName(name), name]));

/** Options that name a place on other brokers, or belong to a sender's own process: they say nothing on SQS. */
const MEANINGLESS: ReadonlySet<string> = new Set([
  'exchange', 'exchange_type', 'routing_key', 'route_name', 'router', 'connection', 'producer', 'publisher', 'mandatory', 'immediate',
  'timeout', 'confirm_timeout', 'declare', 'result_cls', 'task_type', 'app', 'stamps',
]); // biome-ignore format: a list of names

/** Null is «not given». What neither side knows becomes a message property, as in Celery. */
export function fromWireOptions(wire: WireOptions): ApplyOptions {
  const stampNames = Array.isArray(wire['stamped_headers']) ? (wire['stamped_headers'] as readonly unknown[]) : [];
  const stamps = new Map<string, unknown>();
  const options: [string, unknown][] = [];
  const properties: [string, unknown][] = [];
  for (const [name, value] of Object.entries(wire)) {
    if (name === 'stamped_headers' || value === null || value === undefined) continue;
    // What is no name of a queue names none.
    if (name === 'queue' && !stampNames.includes(name)) continue;
    const ours = FROM_WIRE.get(name);
    const canvas = CANVAS.get(name);
    if (stampNames.includes(name)) stamps.set(name, value);
    else if (ours !== undefined) options.push([ours, value]);
    else if (canvas !== undefined) options.push(canvas(value));
    else if (!MEANINGLESS.has(name)) properties.push([name, value]);
  }
  const queue = queueOf(wire);
  if (queue !== undefined) options.push(['queue', queue]);
  if (stamps.size > 0) options.push(['stamps', Object.fromEntries(stamps)]);
  if (properties.length > 0) options.push(['properties', Object.fromEntries(properties)]);
  return Object.fromEntries(options) as ApplyOptions;
}

const policyName = (name: string): string => POLICY_FROM_WIRE.get(name) ?? name;

const CANVAS = new Map<string, (value: unknown) => [keyof ApplyOptions, unknown]>([
  ['link', (value) => ['link', toSignatures(value)]],
  ['link_error', (value) => ['linkError', toSignatures(value)]],
  ['chain', (value) => ['chain', toSignatures(value)]],
  ['chord', (value) => ['chord', toSignature(value)]],
  ['retry_policy', (value) => ['retryPolicy', isRecord(value) ? renamed(value, policyName) : undefined]],
]);

/** A routing key without an exchange is a queue's name (kombu's default exchange). */
function queueOf({ queue, exchange, routing_key: key }: WireOptions): string | undefined {
  if (typeof queue === 'string') return queue;
  return typeof key === 'string' && (exchange === undefined || exchange === null || exchange === '') ? key : undefined;
}

const toSignatures = (value: unknown): readonly AnySignature[] => (Array.isArray(value) ? value : [value]).map(toSignature);
/** What is no signature is found out when the message is written or the signature planned, by whoever reads it there. */
const toSignature = (value: unknown): AnySignature => ({ toData: () => value as ReturnType<AnySignature['toData']> });
