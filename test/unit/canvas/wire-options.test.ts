import { describe, expect, it } from 'vitest';
import type { ApplyOptions } from '../../../src/canvas/call-options.ts';
import { fromWireOptions } from '../../../src/canvas/options-from-wire.ts';
import { toWireOptions } from '../../../src/canvas/wire-options.ts';
import type { SignatureData } from '../../../src/wire/message.ts';

const data = (task: string): SignatureData => ({ task, args: [], kwargs: {}, options: {}, subtask_type: null, immutable: false });
const signature = (task: string) => ({ toData: () => data(task) });

describe('options on their way into a signature', () => {
  it.each<[ApplyOptions, object]>([
    [{}, {}],
    [
      { taskId: 'i', countdown: 3, queue: 'q' },
      { task_id: 'i', countdown: 3, queue: 'q' },
    ],
    [
      { timeLimit: 9, softTimeLimit: 8, ignoreResult: true },
      { time_limit: 9, soft_time_limit: 8, ignore_result: true },
    ],
    [
      { messageGroupId: 'g', delaySeconds: 5 },
      { MessageGroupId: 'g', DelaySeconds: 5 },
    ],
    [{ link: signature('a') }, { link: [data('a')] }],
    [{ linkError: [signature('a'), signature('b')] }, { link_error: [data('a'), data('b')] }],
    [
      { chain: [signature('a')], chord: signature('b') },
      { chain: [data('a')], chord: data('b') },
    ],
    [
      { retry: true, retryPolicy: { maxRetries: null, intervalStep: 1 } },
      { retry: true, retry_policy: { max_retries: null, interval_step: 1 } },
    ],
    [{ stamps: { tenant: 'acme', run: [1] } }, { stamped_headers: ['tenant', 'run'], tenant: 'acme', run: [1] }],
    [{ properties: { 'x-own': 1 } }, { 'x-own': 1 }],
  ])('%j becomes %j', (options, wire) => {
    expect(toWireOptions(options)).toEqual(wire);
  });

  it('leave out what is undefined, and keywords, which a signature has beside its options', () => {
    expect(toWireOptions({ queue: undefined, kwargs: { x: 1 } } as never)).toEqual({});
  });

  it('come back as they were', () => {
    const options: ApplyOptions = {
      taskId: 'i',
      eta: '2031-01-02T03:04:05+00:00',
      groupId: 'g',
      groupIndex: 2,
      stamps: { tenant: 'acme' },
      retryPolicy: { maxRetries: null },
      properties: { 'x-own': 1 },
    };
    expect(fromWireOptions(toWireOptions(options))).toEqual(options);
  });
});

describe('options that came in a signature', () => {
  it('count as not given when they are null', () => {
    expect(fromWireOptions({ task_id: null, priority: null, link: null, chord: null, stamped_headers: null })).toEqual({});
  });

  it('take a routing key for the queue where no exchange is named', () => {
    expect(fromWireOptions({ routing_key: 'mail' })).toEqual({ queue: 'mail' });
    expect(fromWireOptions({ routing_key: 'mail', exchange: '' })).toEqual({ queue: 'mail' });
    expect(fromWireOptions({ routing_key: 'mail.#', exchange: 'topics' })).toEqual({});
    expect(fromWireOptions({ routing_key: 'mail', queue: 'other' })).toEqual({ queue: 'other' });
  });

  it('keep their signatures as they are, one or several', () => {
    const { link, linkError, chain, chord } = fromWireOptions({
      link: data('a'),
      link_error: [data('b')],
      chain: [data('c')],
      chord: data('d'),
    });
    expect([link, linkError, chain].map((list) => (list as readonly { toData(): unknown }[]).map((one) => one.toData()))).toEqual([
      [data('a')],
      [data('b')],
      [data('c')],
    ]);
    expect(chord!.toData()).toEqual(data('d'));
  });

  it('become stamps where they are named as such, even under the name of an option', () => {
    expect(fromWireOptions({ stamped_headers: ['queue', 'gone'], queue: ['a', 'b'] })).toEqual({ stamps: { queue: ['a', 'b'] } });
  });

  it('become message properties where nobody knows them, and nothing where they say nothing on SQS', () => {
    expect(fromWireOptions({ 'x-own': 1, exchange_type: 'direct', producer: 'p' })).toEqual({ properties: { 'x-own': 1 } });
  });

  it('name no queue by what is no name', () => {
    expect(fromWireOptions({ queue: 5 })).toEqual({});
    expect(fromWireOptions({ queue: { name: 'celery' }, routing_key: 'mail' })).toEqual({ queue: 'mail' });
  });

  it('are data: `__proto__` is a name like any other', () => {
    const options = fromWireOptions(JSON.parse('{"__proto__": {"polluted": 1}}') as object as Record<string, unknown>);
    expect(Object.getPrototypeOf(options)).toBe(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('ignore a retry policy that is none', () => {
    expect(fromWireOptions({ retry_policy: 'often' })).toEqual({ retryPolicy: undefined });
  });
});
