import { describe, expect, it } from 'vitest';
import { DEAD_LETTER, deadLetterAttributes, numberIn, redrivenAttributes } from '../../../src/app/dead-letter-attributes.ts';
import type { Delivery, MessageAttributes } from '../../../src/transports/transport.ts';
import { NOON } from '../../support/fake-clock.ts';

const deliveryOf = (from: Partial<Delivery> = {}): Delivery => ({
  messageId: 'm-1',
  queue: 'prod-celery',
  body: 'x',
  receiveCount: 1,
  sentAt: NOON - 5000,
  ...from,
});

const text = (value: string) => ({ type: 'String', value }) as const;
const texts = (...names: string[]): MessageAttributes => Object.fromEntries(names.map((name) => [name, text(name)]));

describe('the attributes of a dead message', () => {
  const FACTS = { code: 'bad-eta', reason: 'No time.', task: 'proj.add', id: 'id-1', retries: 2 };

  it('tell what is known of it', () => {
    expect(deadLetterAttributes(deliveryOf({ traceHeader: 'Root=1-2-3', receiveCount: 3 }), FACTS)).toEqual({
      'celeriac.code': text('bad-eta'),
      'celeriac.reason': text('No time.'),
      'celeriac.queue': text('prod-celery'),
      'celeriac.firstSeen': { type: 'Number', value: String(NOON - 5000) },
      'celeriac.id': text('id-1'),
      'celeriac.task': text('proj.add'),
      'celeriac.retries': { type: 'Number', value: '2' },
      'celeriac.trace': text('Root=1-2-3'),
      'celeriac.receiveCount': { type: 'Number', value: '3' },
    });
  });

  it('leave out what is not known', () => {
    const delivery: Delivery = { messageId: 'm', queue: '', body: 'x', receiveCount: 1, sentAt: Number.NaN };
    expect(Object.keys(deadLetterAttributes(delivery, { code: 'not-json', reason: '' }))).toEqual([
      DEAD_LETTER.code,
      DEAD_LETTER.reason,
      DEAD_LETTER.receiveCount,
    ]);
    expect(deadLetterAttributes(delivery, { code: 'not-json', reason: '' })[DEAD_LETTER.reason]).toEqual(text('not-json'));
  });

  it('are ten at most: four of ours, the first six of the sender, then the rest of ours', () => {
    const own = (count: number) => texts(...Array.from({ length: count }, (_, index) => `own${index}`));
    const ESSENTIAL = [DEAD_LETTER.code, DEAD_LETTER.reason, DEAD_LETTER.queue, DEAD_LETTER.firstSeen];
    const namesWith = (count: number) => Object.keys(deadLetterAttributes(deliveryOf({ attributes: own(count) }), FACTS));
    expect(namesWith(10)).toEqual([...ESSENTIAL, ...Object.keys(own(6))]);
    expect(namesWith(4)).toEqual([...ESSENTIAL, ...Object.keys(own(4)), DEAD_LETTER.id, DEAD_LETTER.task]);
    expect(namesWith(1)).toHaveLength(9);
  });

  it('keep the first sight of a message that dies again, and nothing else of its first death', () => {
    const attributes = { ...deadLetterAttributes(deliveryOf(), FACTS), own: text('own') };
    const again = deadLetterAttributes(deliveryOf({ attributes, sentAt: NOON, queue: 'other' }), { code: 'not-json', reason: 'No.' });
    expect(again).toEqual({
      ...texts('own'),
      [DEAD_LETTER.code]: text('not-json'),
      [DEAD_LETTER.reason]: text('No.'),
      [DEAD_LETTER.queue]: text('other'),
      [DEAD_LETTER.firstSeen]: { type: 'Number', value: String(NOON - 5000) },
      [DEAD_LETTER.receiveCount]: { type: 'Number', value: '1' },
    });
  });

  it('carry a reason that SQS takes, cut and mended', () => {
    const reasonOf = (reason: string) => deadLetterAttributes(deliveryOf(), { code: 'c', reason })[DEAD_LETTER.reason]?.value;
    expect(reasonOf('a\u0000b\ufffec')).toBe('a\ufffdb\ufffdc');
    expect(reasonOf(`${'x'.repeat(1023)}😀`)).toBe(`${'x'.repeat(1023)}\ufffd`);
    expect(reasonOf('y'.repeat(5000))).toHaveLength(1024);
  });

  it('leave out a name that SQS refuses or that is long, rather than to falsify it', () => {
    const names = Object.keys(deadLetterAttributes(deliveryOf(), { code: 'c', reason: 'r', task: 'a\u0000', id: 'x'.repeat(513) }));
    expect(names).not.toContain(DEAD_LETTER.task);
    expect(names).not.toContain(DEAD_LETTER.id);
  });

  it.each([
    ['nothing', undefined],
    ['a blank', ' '],
    ['a word', 'soon'],
  ])('are no number when they hold %s', (_what, value) => {
    expect(numberIn(value === undefined ? undefined : { n: text(value) }, 'n')).toBeUndefined();
  });
});

describe('the attributes of a message that SQS moved back', () => {
  const dead = deadLetterAttributes(deliveryOf({ attributes: texts('own') }), { code: 'failed', reason: 'x' });

  it('are the sender’s own, and which letter it was', () => {
    expect(redrivenAttributes({ messageId: 'moved', attributes: dead })).toEqual({ ...texts('own'), 'celeriac.redriven': text('moved') });
    const before = { ...dead, 'celeriac.redriven': text('first') };
    expect(redrivenAttributes({ messageId: 'moved', attributes: before })).toEqual({ ...texts('own'), 'celeriac.redriven': text('first') });
  });

  it('stay as they are where it was not dead', () => {
    const attributes = texts('own', 'celeriac.redriven');
    expect(redrivenAttributes({ messageId: 'm', attributes })).toBe(attributes);
    expect(redrivenAttributes({ messageId: 'm' })).toBeUndefined();
  });
});
