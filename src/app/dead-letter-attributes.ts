/**
 * The message attributes of a dead message: their names, and how they are built and read. SQS takes ten attributes, of which the
 * sender has up to six; which of ours travel is decided here.
 */

import type { Delivery, MessageAttribute, MessageAttributes } from '../transports/transport.ts';
import { HOPS_ATTRIBUTE } from './hops.ts';

/** Names of the attributes on a dead message. */
export const DEAD_LETTER = {
  code: 'celeriac.code',
  reason: 'celeriac.reason',
  /** The transport's own name of the queue it came from. */
  queue: 'celeriac.queue',
  /** Milliseconds since 1970. */
  firstSeen: 'celeriac.firstSeen',
  id: 'celeriac.id',
  task: 'celeriac.task',
  retries: 'celeriac.retries',
  /** AWS X-Ray trace header. */
  trace: 'celeriac.trace',
  receiveCount: 'celeriac.receiveCount',
} as const;

/** On a message that was sent back: which dead letter it was, so that it counts as a run of its own. */
export const REDRIVEN_ATTRIBUTE = 'celeriac.redriven';

/** Why a message is dead, and what it was as far as that is known. */
export interface DeadLetterFacts {
  readonly code: string;
  /** Cut to 1024 characters; what SQS refuses is replaced. */
  readonly reason: string;
  readonly task?: string;
  readonly id?: string;
  readonly retries?: number;
}

/** SQS takes no more. */
export const MAX_ATTRIBUTES = 10;
/** Longest reason that travels, in characters. */
const REASON_LIMIT = 1024;
/** Longest name, id or trace header that travels, in characters. */
const NAME_LIMIT = 512;

const DEAD: ReadonlySet<string> = new Set(Object.values(DEAD_LETTER));

/** The hops of a wait that is over are not the sender's either: a message that died of them could else never be sent back. */
const OURS: ReadonlySet<string> = new Set([...DEAD, HOPS_ATTRIBUTE, REDRIVEN_ATTRIBUTE]);

/**
 * Attributes for the dead copy of a delivery. Code, reason, queue and first sight always travel, for nothing else tells them; then
 * the sender's first six; then, as far as there are places, id, task, retries, trace and receive count, which body, trace header and
 * log tell as well. A name that is too long or that SQS refuses is left out, never cut.
 */
export function deadLetterAttributes(delivery: Delivery, facts: DeadLetterFacts): MessageAttributes {
  const entries = [
    ...present([
      [DEAD_LETTER.code, facts.code],
      [DEAD_LETTER.reason, toSendableText(facts.reason) || facts.code],
      [DEAD_LETTER.queue, delivery.queue],
      [DEAD_LETTER.firstSeen, numberIn(delivery.attributes, DEAD_LETTER.firstSeen) ?? delivery.sentAt],
    ]),
    ...Object.entries(senderAttributes(delivery.attributes)),
    ...present([
      [DEAD_LETTER.id, facts.id],
      [DEAD_LETTER.task, facts.task],
      [DEAD_LETTER.retries, facts.retries],
      [DEAD_LETTER.trace, delivery.traceHeader],
      [DEAD_LETTER.receiveCount, delivery.receiveCount],
    ]),
  ];
  return Object.fromEntries(entries.slice(0, MAX_ATTRIBUTES));
}

/** The sender's own attributes: those of a dead message and of a wait are taken off. */
export function senderAttributes(attributes: MessageAttributes | undefined): MessageAttributes {
  return Object.fromEntries(Object.entries(attributes ?? {}).filter(([name]) => !OURS.has(name)));
}

/** Of a message that SQS itself moved back the marks of the dead one, as what they stand for: a copy of it has another message id. */
export function redrivenAttributes({ attributes, messageId }: Pick<Delivery, 'attributes' | 'messageId'>): MessageAttributes | undefined {
  if (attributes === undefined || !Object.hasOwn(attributes, DEAD_LETTER.code)) return attributes;
  const kept = Object.entries(attributes).filter(([name]) => !DEAD.has(name));
  const value = textIn(attributes, REDRIVEN_ATTRIBUTE) ?? messageId;
  return { ...Object.fromEntries(kept), [REDRIVEN_ATTRIBUTE]: { type: 'String', value } };
}

/** An attribute of that name as text; undefined when there is none, or it is binary. */
export function textIn(attributes: MessageAttributes | undefined, name: string): string | undefined {
  const found = attributes?.[name];
  return typeof found?.value === 'string' ? found.value : undefined;
}

/** An attribute of that name as a number; undefined when there is none, or it is no number. */
export function numberIn(attributes: MessageAttributes | undefined, name: string): number | undefined {
  const text = textIn(attributes, name);
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

type Entry = readonly [name: string, attribute: MessageAttribute];

function present(facts: readonly (readonly [name: string, value: string | number | undefined])[]): readonly Entry[] {
  return facts.flatMap(([name, value]): Entry[] => {
    if (typeof value === 'number') return Number.isFinite(value) ? [[name, { type: 'Number', value: String(value) }]] : [];
    return value !== undefined && isSendable(name, value) ? [[name, { type: 'String', value }]] : [];
  });
}

/** Anything but what SQS takes (XML 1.0 Char), lone surrogates included. */
const UNSENDABLE = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

function isSendable(name: string, value: string): boolean {
  const limit = name === DEAD_LETTER.reason ? REASON_LIMIT : NAME_LIMIT;
  return value !== '' && value.length <= limit && !UNSENDABLE.test(value);
}

/** Cut first: a pair of surrogates that the cut divides is then replaced. */
const toSendableText = (reason: string): string => reason.slice(0, REASON_LIMIT).replace(new RegExp(UNSENDABLE, 'gu'), '\ufffd');
