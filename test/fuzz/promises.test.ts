/** Promises 14 to 16 by name, each through createHandler: any bytes are decided, names are data, and nobody is trusted. */

import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createApp } from '../../src/app/app.ts';
import { createHandler } from '../../src/lambda/handler.ts';
import type { LogLine } from '../../src/logger.ts';
import { createLambdaContext, createSqsEvent } from '../../src/testing/events.ts';
import { Decimal } from '../../src/wire/values.ts';
import { checkPrototypes } from '../support/hostile-world.ts';
import { base64, EMPTY_EMBED, type EnvelopeParts, envelopeText } from '../support/messages.ts';
import { createRecordingTransport } from '../support/recording.ts';

/** What a message comes to: the code or state logged, and the arguments that reached the task. */
async function decide(parts: EnvelopeParts | string): Promise<{ end: unknown; given: readonly unknown[] | undefined }> {
  let given: readonly unknown[] | undefined;
  let end: unknown;
  const note = ({ code, state }: LogLine): void => {
    end = code ?? state;
  };
  const app = createApp('proj', { deadLetterQueue: 'dead' });
  const take = (...all: readonly never[]): void => {
    given = all;
  };
  for (const name of ['take', 'constructor']) app.task(name, { kwargs: true }, take);
  app.task('named', { params: ['x'] }, take as (x: never) => void);
  app.connect({ transport: createRecordingTransport(), logger: { debug: note, info: note, warn: note, error: note } });
  const body = typeof parts === 'string' ? parts : envelopeText({ headers: { task: 'take', id: 'i' }, ...parts });
  await createHandler(app)(createSqsEvent([body]), createLambdaContext());
  checkPrototypes();
  return { end, given };
}

const inner = (args: string, kwargs = '{}'): EnvelopeParts => ({ rawBody: base64(`[${args}, ${kwargs}, ${JSON.stringify(EMPTY_EMBED)}]`) });
const nested = (depth: number): EnvelopeParts => inner(`${'['.repeat(depth)}${']'.repeat(depth)}`);
const headed = (more: object): EnvelopeParts => ({ headers: { task: 'take', id: 'i', ...more } });
/** A body that inflates to so many bytes. */
const inflating = (bytes: number): EnvelopeParts => {
  const empty = `[[""], {}, null]`;
  const text = `[["${'x'.repeat(bytes - empty.length)}"], {}, null]`;
  return { ...headed({ compression: 'application/x-gzip' }), rawBody: base64(deflateSync(text)) };
};

describe('14. any bytes are decided', () => {
  it.each<[what: string, EnvelopeParts | string, end: string]>([
    ['nothing', '', 'not-json'],
    ['64 levels', nested(63), 'SUCCESS'],
    ['65 levels', nested(64), 'too-deep'],
    ['8 MiB', inflating(8_388_608), 'SUCCESS'],
    ['8 MiB and a byte', inflating(8_388_609), 'too-large'],
    ['more than 1 MiB', 'x'.repeat(1_048_577), 'too-large'],
    ['base64 without padding', { rawBody: base64('[[1], {}, null]').replace(/=+$/, '').slice(0, -1) }, 'bad-base64'],
    ['base64 with spare bits', { rawBody: 'W1sxXSwge30sIG51bGxdIA=='.replace('A=', 'B=') }, 'bad-base64'],
    ['base64 of the URL alphabet', { rawBody: `${base64('[["???"], {}, null]')}`.replaceAll('/', '_') }, 'bad-base64'],
    ['broken UTF-8', { rawBody: Buffer.from('[["\xff"], {}, null]', 'latin1').toString('base64') }, 'bad-utf8'],
    ['30 February', headed({ eta: '2030-02-30T00:00:00' }), 'bad-eta'],
    ['the date "1"', headed({ expires: '1' }), 'bad-expires'],
    ['a tagged 30 February', inner('[{"__type__": "datetime", "__value__": "2030-02-30T00:00:00"}]'), 'bad-value'],
    ['an integer longer than Python reads', inner(`[${'9'.repeat(4301)}]`), 'bad-value'],
    ['more values than are read', inner(`[[${'0,'.repeat(262_200)}0]]`), 'too-large'],
    ['more arguments than a call takes', inner(`[${'0,'.repeat(65_536)}0]`), 'bad-args'],
  ])('%s', async (_, parts, end) => {
    expect((await decide(parts)).end).toBe(end);
  });

  it.each<[string, unknown]>([
    ['9007199254740993', 9_007_199_254_740_993n],
    ['1180591620717411303424', 2n ** 70n],
    ['-1180591620717411303424', -(2n ** 70n)],
    ['NaN', Number.NaN],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['-0', -0],
    ['0.1', 0.1],
    ['{"__type__": "decimal", "__value__": "0.10000000000000000000000001"}', new Decimal('0.10000000000000000000000001')],
  ])('the number %s arrives as it was sent', async (text, value) => {
    const { given } = await decide(inner(`[${text}]`));
    expect(given?.[0]).toEqual(value);
  });
});

describe('15. names are data', () => {
  it('a task may be called constructor', async () => {
    expect(await decide({ ...inner('[1]'), headers: { task: 'constructor', id: 'i' } })).toEqual({ end: 'SUCCESS', given: [1, {}] });
  });

  it.each(['__proto__', 'toString', 'hasOwnProperty', 'then'])('and %s is no task unless it was registered', async (task) => {
    expect(await decide({ headers: { task, id: 'i' } })).toEqual({ end: 'FAILURE', given: undefined });
  });

  it.each([[7], [null], [['take']], [{ task: 'take' }], ['']])('a name that is %j routes nowhere', async (task) => {
    expect(await decide({ headers: { task, id: 'i' } })).toEqual({ end: 'no-task-name', given: undefined });
  });

  it('__proto__ supplies nothing: no header, no argument, no keyword', async () => {
    const headers = JSON.parse('{"__proto__": {"task": "take", "id": "i"}}');
    expect((await decide({ headers })).end).toBe('no-task-name');
    const { given } = await decide(inner('[{"__proto__": {"admin": true}}]', '{"__proto__": {"admin": true}}'));
    for (const value of given as readonly object[]) {
      expect(Object.keys(value)).toEqual(['__proto__']);
      expect((value as { admin?: unknown }).admin).toBeUndefined();
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    }
    expect(await decide({ ...inner('[]', '{"__proto__": {"x": 1}}'), headers: { task: 'named', id: 'i' } })).toMatchObject({
      end: 'FAILURE',
    });
  });
});

describe('16. nobody is trusted', () => {
  it.each([
    'application/x-python-serialize',
    'application/x-yaml',
    'application/data',
    'application/x-msgpack',
    'APPLICATION/JSON',
    '__proto__',
  ])('a body of %s is refused', async (contentType) => {
    expect(await decide({ contentType })).toEqual({ end: 'content-disallowed', given: undefined });
  });

  it.each(['bzip2', 'application/x-lzma', '__proto__', 'constructor'])('so is a compression called %s', async (compression) => {
    expect((await decide(headed({ compression }))).end).toBe('unknown-compression');
  });
});
