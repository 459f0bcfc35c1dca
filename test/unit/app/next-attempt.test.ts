import { describe, expect, it } from 'vitest';
import type { Sender } from '../../../src/app/message-fields.ts';
import { attemptId, buildNextAttempt, type NextAttempt } from '../../../src/app/next-attempt.ts';
import { Retry, type RetryOptions } from '../../../src/app/retry.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../src/app/settings.ts';
import type { Delivery } from '../../../src/transports/transport.ts';
import { createCodecs, createEncoders } from '../../../src/wire/codecs.ts';
import type { TaskMessage } from '../../../src/wire/message.ts';
import { readMessage } from '../../../src/wire/protocol-read.ts';
import { writeMessage } from '../../../src/wire/protocol-write.ts';
import { NOON } from '../../support/fake-clock.ts';
import { base64, envelopeText, headersWith } from '../../support/messages.ts';
import { fileNames, readText } from '../../support/recorded.ts';

const codecs = createCodecs();

const senderOf = (settings: Partial<Settings> = {}): Sender => ({
  settings: { ...DEFAULT_SETTINGS, ...settings },
  encoders: createEncoders([]),
  origin: 'celeriac@test',
  replyTo: 'reply',
});

const delivery: Delivery = { messageId: 'm', queue: 'prod-celery', body: '', receiveCount: 1 };

function nextOf(message: TaskMessage, options: RetryOptions = {}, more: Partial<NextAttempt> = {}, settings: Partial<Settings> = {}) {
  const attempt: NextAttempt = {
    message,
    delivery,
    retries: (message.headers.retries ?? 0) + 1,
    retry: new Retry(options),
    defaults: {},
    ...more,
  };
  const { fields, place } = buildNextAttempt(attempt, senderOf(settings), more.delivery?.sentAt ?? NOON);
  return { fields, place, message: readMessage(writeMessage(fields), { codecs }) };
}

const messageOf = (headers: object = {}, properties: object = {}, body?: unknown): TaskMessage =>
  readMessage(envelopeText({ headers: headersWith({ ...headers }), properties: { body_encoding: 'base64', ...properties }, ...(body !== undefined && { body }) }), { codecs }); // biome-ignore format: one call

describe('the next attempt, beside the one that Celery sent', () => {
  interface Recorded {
    readonly sqs: { readonly MessageBody: string; readonly QueueUrl: string };
    readonly published_by?: string;
  }
  interface Scenario extends Recorded {
    readonly also: readonly Recorded[];
  }

  /** Every attempt with the one that Celery's own worker sent after it. */
  const pairs = fileNames('celery')
    .filter((file) => /^(retry|autoretry)/.test(file))
    .flatMap((file) => {
      const scenario = JSON.parse(readText(`celery/${file}`)) as Scenario;
      const attempts = [scenario, ...scenario.also.filter((message) => message.published_by === 'worker')];
      return attempts.slice(1).map((next, index) => ({ name: `${file} ${index + 1}`, before: attempts[index]!, next }));
    });

  /** What is another's by nature: who writes it, when, and what only the receiver gives. */
  const comparable = ({ headers, properties, args, kwargs, embed }: TaskMessage) => {
    const { eta: _eta, lang: _lang, ...kept } = headers as TaskMessage['headers'] & Record<string, unknown>;
    const {
      delivery_tag: _tag,
      expiration: _expiration,
      origin: _origin,
      replaced_task_nesting: _nesting,
      ...rest
    } = properties as Record<string, unknown>;
    return { headers: kept, properties: rest, args, kwargs, embed };
  };

  it.each(pairs)('$name says the same', ({ before, next }) => {
    const first = readMessage(before.sqs.MessageBody, { codecs });
    const theirs = readMessage(next.sqs.MessageBody, { codecs });
    const changed = JSON.stringify(first.args) !== JSON.stringify(theirs.args);
    const queue = theirs.properties.delivery_info?.routing_key;
    const options: RetryOptions = {
      ...(changed && { args: theirs.args }),
      ...(queue !== first.properties.delivery_info?.routing_key && queue !== undefined && { queue }),
      ...(theirs.properties.priority !== first.properties.priority && { priority: theirs.properties.priority! }),
      ...(theirs.headers.eta ? { eta: theirs.headers.eta } : { countdown: 0 }),
    };
    const ours = nextOf(first, options).message;
    const expected = comparable(theirs);
    // Celery 5.2 says less: no custom headers, no stamps and no index.
    for (const [name, value] of Object.entries(expected.headers)) expect([name, comparable(ours).headers[name]]).toEqual([name, value]);
    expect(comparable(ours)).toMatchObject({
      properties: expected.properties,
      args: expected.args,
      kwargs: expected.kwargs,
      embed: expected.embed,
    });
    expect(ours.headers.eta ?? null).toBe(theirs.headers.eta ?? null);
  });

  it('is looked at in all that was recorded', () => {
    expect(pairs).toHaveLength(11);
    console.log(`retries: ${pairs.length} of ${pairs.length} attempts that Celery's worker sent, sent with the same meaning`);
  });
});

describe('the next attempt keeps', () => {
  const signature = { task: 'next', args: [], kwargs: {}, options: {}, subtask_type: null, immutable: false };
  const embed = { callbacks: [signature], errbacks: [signature], chain: [signature], chord: signature };
  const headers = {
    root_id: 'root', parent_id: 'parent', group: 'g', group_index: 3, timelimit: [90, 60], shadow: 's', retries: 4, origin: 'o', tenant: 'acme',
    stamped_headers: ['a'], stamps: { a: 1 }, ignore_result: true, replaced_task_nesting: 2, expires: '2030-01-02T14:00:00+02:00',
    argsrepr: '(***)', kwargsrepr: '{***}',
  }; // biome-ignore format: one message
  const properties = { correlation_id: 'id-1', reply_to: 'r', priority: 5, delivery_info: { exchange: '', routing_key: 'celery' } };
  const before = messageOf(headers, properties, [[1], { x: 2 }, embed]);

  // Celery keeps ignore_result since 5.7; 5.6 falls back to the task's own.
  it('id, root, group, limits, expiry as text, headers, stamps, follow-ups, arguments and where its answer goes', () => {
    const { message } = nextOf(before);
    const { parent_id: _parent, retries: _retries, ...kept } = headers;
    expect(message).toMatchObject({ args: [1], kwargs: { x: 2 }, embed, headers: { id: 'id-1', task: 'proj.add', ...kept }, properties });
  });

  it('neither its retries, its eta nor its unknown properties', () => {
    const message = messageOf({ eta: '2030-01-01T00:00:00Z', ...headers }, { ...properties, DelaySeconds: 5, custom: 1 });
    const next = nextOf(message);
    expect(next.message.headers).toMatchObject({ retries: 5, eta: null });
    expect(next.message.properties).not.toHaveProperty('custom');
    expect(next.message.properties).not.toHaveProperty('DelaySeconds');
  });

  it('neither compression nor serializer: the task’s or the app’s are taken', () => {
    const { fields } = nextOf(before);
    expect([fields.compression, fields.codec.name]).toEqual([undefined, 'json']);
    expect(nextOf(before, {}, {}, { taskCompression: 'zlib' }).fields.compression).toBe('zlib');
    expect(nextOf(before, {}, { defaults: { compression: 'brotli' } }, { taskCompression: 'zlib' }).fields.compression).toBe('brotli');
    expect(nextOf(before, { compression: 'zstd' }, { defaults: { compression: 'brotli' } }).fields.compression).toBe('zstd');
  });

  it('its moment of expiry, and tells how far it is by now', () => {
    expect(nextOf(messageOf({ expires: '2030-01-02T12:00:10Z' })).message.properties.expiration).toBe('10000');
    expect(nextOf(messageOf({ expires: '2030-01-02T11:00:00Z' })).message.properties.expiration).toBe('0');
    expect(nextOf(messageOf({ expires: null })).message.properties).not.toHaveProperty('expiration');
  });
});

describe('its parent', () => {
  it('stays what it was, and is the task itself where there was none', () => {
    expect(nextOf(messageOf({ parent_id: 'p' })).message.headers.parent_id).toBe('p');
    expect(nextOf(messageOf({ parent_id: null })).message.headers.parent_id).toBe('id-1');
  });
});

describe('new arguments', () => {
  const params = ['x', 'y'];
  it.each<[string, readonly unknown[], object, RetryOptions, readonly unknown[], object]>([
    ['args over keywords of the same parameters', [], { x: 1, y: 2 }, { args: [7] }, [7], { y: 2 }],
    ['args beside keywords', [1], { y: 2 }, { args: [7] }, [7], { y: 2 }],
    ['keywords over arguments of the same parameters', [1, 2], {}, { kwargs: { x: 7 } }, [7, 2], {}],
    ['keywords beside arguments', [1], { z: 1 }, { kwargs: { y: 7 } }, [1], { y: 7 }],
    ['both as they are', [1], { y: 2 }, { args: [7], kwargs: { x: 1 } }, [7], { x: 1 }],
  ])('%s', (_name, args, kwargs, options, nextArgs, nextKwargs) => {
    const { message } = nextOf(messageOf({}, {}, [args, kwargs, {}]), options, { params });
    expect(message).toMatchObject({ args: nextArgs, kwargs: nextKwargs });
    expect(message.kwargs).toEqual(nextKwargs);
  });
});

describe('the options of a retry', () => {
  const before = messageOf({ timelimit: [9, 8], tenant: 'acme', argsrepr: '(***)', kwargsrepr: '{***}' }, { priority: 5 }, [
    [1],
    { x: 2 },
    {},
  ]);

  it('go over what the message had', () => {
    const { message } = nextOf(before, {
      args: [7], kwargs: { y: 3 }, priority: 1, timeLimit: 30, softTimeLimit: 20, shadow: 's', headers: { tenant: 'ajax', more: 1 }, expires: 60,
    }); // biome-ignore format: one call
    expect(message).toMatchObject({
      args: [7], kwargs: { y: 3 }, properties: { priority: 1, expiration: '60000' },
      headers: {
        timelimit: [30, 20], shadow: 's', tenant: 'ajax', more: 1, expires: '2030-01-02T12:01:00+00:00', argsrepr: '(7,)', kwargsrepr: "{'y': 3}",
      },
    }); // biome-ignore format: one message
  });

  it('leave the text for sensitive arguments as long as these are the same', () => {
    expect(nextOf(before, { args: [7] }).message.headers).toMatchObject({ argsrepr: '(7,)', kwargsrepr: '{***}' });
    expect(nextOf(before, { headers: { more: 1 } }).message.headers).toMatchObject({ more: 1, argsrepr: '(***)' });
  });

  it.each<[RetryOptions, string | null, number | undefined]>([
    [{}, null, undefined],
    [{ countdown: 0 }, null, undefined],
    [{ countdown: 1.5 }, '2030-01-02T12:00:01.500000+00:00', NOON + 1500],
    [{ eta: new Date(NOON + 1000) }, '2030-01-02T12:00:01+00:00', NOON + 1000],
    [{ eta: '2030-01-02T13:00:01+01:00' }, '2030-01-02T13:00:01+01:00', NOON + 1000],
    [{ countdown: 2, eta: new Date(0) }, '2030-01-02T12:00:02+00:00', NOON + 2000],
  ])('%j make the eta %s', (options, eta, etaMs) => {
    const { message, place } = nextOf(before, options);
    expect(message.headers.eta ?? null).toBe(eta);
    expect(place.etaMs).toBe(etaMs);
  });
});

describe('the next attempt goes', () => {
  const withInfo = (info: object | undefined) => messageOf({}, info === undefined ? {} : { delivery_info: info });

  it.each([
    ['to the queue it came from, under the name its sender gave it', { exchange: '', routing_key: 'celery' }, 'celery'],
    ['to the queue it came from, where its sender named none', undefined, 'prod-celery'],
  ])('%s', (_name, info, routingKey) => {
    const { place, message } = nextOf(withInfo(info));
    expect(place).toMatchObject({ queue: 'prod-celery', ownName: true });
    expect(message.properties.delivery_info).toEqual({ exchange: '', routing_key: routingKey });
  });

  it('by the exchange it came by, but to another queue straight', () => {
    const info = { exchange: 'topics', routing_key: 'a.b' };
    expect(nextOf(withInfo(info)).message.properties.delivery_info).toEqual(info);
    const { place, message } = nextOf(withInfo(info), { queue: 'slow' });
    expect(place).toMatchObject({ queue: 'slow', ownName: false });
    expect(message.properties.delivery_info).toEqual({ exchange: '', routing_key: 'slow' });
  });

  it('under an id of its own for a FIFO queue’s deduplication', () => {
    const attempt = { message: messageOf(), retries: 2 } as NextAttempt;
    expect(attemptId(attempt)).toBe('id-1.2');
  });
});

it('a message of protocol 1 is retried as protocol 2', () => {
  const body = base64(JSON.stringify({ task: 'proj.add', id: 'id-1', args: [2], kwargs: {}, retries: 1, eta: null }));
  const text = envelopeText({ rawBody: body, headers: {} });
  expect(nextOf(readMessage(text, { codecs })).message).toMatchObject({
    args: [2],
    headers: { id: 'id-1', retries: 2, parent_id: 'id-1' },
  });
});

describe('what the next attempt says of its arguments', () => {
  const [args, kwargs] = [['4111', 2], { pin: 1 }];
  const message = (headers: object) => messageOf({ ...headers }, {}, [args, kwargs, {}]);
  const said = (headers: object, options: RetryOptions = {}, more: Partial<NextAttempt> = { defaults: { sensitive: ['0', 'pin'] } }) => {
    const { argsrepr, kwargsrepr } = nextOf(message(headers), options, more).message.headers;
    return [argsrepr, kwargsrepr];
  };

  it('is masked where the sender wrote the values, or nothing', () => {
    const hidden = ["('***', 2)", "{'pin': '***'}"];
    expect(said({ argsrepr: "('4111', 2)", kwargsrepr: "{'pin': 1}" })).toEqual(hidden);
    expect(said({})).toEqual(hidden);
    expect(said({ argsrepr: '(…)', kwargsrepr: 'x' }, { args: ['4112', 2], kwargs: { pin: 3 } })).toEqual(hidden);
  });

  it('stays where the sender wrote something else, or nothing is sensitive', () => {
    expect(said({ argsrepr: '(…)', kwargsrepr: '{…}' })).toEqual(['(…)', '{…}']);
    expect(said({ argsrepr: '(…)' }, {}, { defaults: {} })).toEqual(['(…)', "{'pin': 1}"]);
  });

  it('is types where the task says so', () => {
    expect(said({ argsrepr: "('4111', 2)" }, {}, { defaults: { argsrepr: 'types' } })).toEqual(['(<str of 4>, <int>)', "{'pin': <int>}"]);
  });
});
