import { describe, expect, it } from 'vitest';
import { createJsonLogger, errorFields, type LogLine, silentLogger } from '../../src/logger.ts';

function written(line: LogLine): string {
  const texts: string[] = [];
  createJsonLogger((text) => texts.push(text)).info(line);
  expect(texts).toHaveLength(1);
  return texts[0]!;
}
const read = (line: LogLine) => JSON.parse(written(line)) as Record<string, unknown>;

describe('a line', () => {
  it('says its level', () => {
    const texts: string[] = [];
    const logger = createJsonLogger((text) => texts.push(text));
    for (const level of ['debug', 'info', 'warn', 'error'] as const) {
      logger[level]({ message: level });
      silentLogger[level]({ message: level });
    }
    expect(texts).toEqual(['DEBUG', 'INFO', 'WARN', 'ERROR'].map((level) => `{"level":"${level}","message":"${level.toLowerCase()}"}`));
  });

  it('is one line, whatever is in it', () => {
    const nasty = Array.from({ length: 0x2070 }, (_, code) => String.fromCharCode(code)).join('');
    const text = written({ message: 'm', task: '\n{"level":"INFO","message":"forged"}', error: { stack: 'a\r\nb\u2028c' } });
    expect(text).not.toMatch(/[\p{Cc}\u2028\u2029\u202e\u2066]/u);
    expect((JSON.parse(text) as LogLine)['task']).toContain('\n');
    expect(written({ message: nasty.slice(0x2000) })).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e]/u);
    expect(JSON.parse(written({ message: '\u009b31m\u202e\u007f' }))).toMatchObject({ message: '\u009b31m\u202e\u007f' });
  });

  it('holds what JSON cannot', () => {
    expect(read({ message: 'm', big: 2n ** 70n, list: [1n] })).toMatchObject({ big: '1180591620717411303424', list: ['1'] });
  });

  const circle: unknown[] = [];
  circle.push(circle);

  it.each<[string, unknown]>([
    ['a circle', circle],
    ['a getter that throws', Object.defineProperty({}, 'x', { enumerable: true, get: () => { throw new Error('no'); } })], // biome-ignore format: one row
    ['a toJSON that throws', { toJSON: () => { throw new Error('no'); } }], // biome-ignore format: one row
  ])('never throws for %s', (_what, field) => {
    expect(read({ message: 'm', field })).toMatchObject({ level: 'INFO', message: 'm', unwritable: true });
  });

  it('is written though its message cannot be', () => {
    const message = { toJSON: () => { throw new Error('no'); }, toString: () => { throw new Error('no'); } }; // biome-ignore format: one line
    expect(read({ message: message as never })).toEqual({ message: 'a line that cannot be written' });
  });

  it('has of an error its name, text and stack, and none of its own fields', () => {
    const error = Object.assign(new RangeError('far'), {
      secret: 'hunter2',
      toJSON: () => ({ secret: 'hunter2' }),
      cause: new Error('hunter2'),
    });
    const text = written({ message: 'm', error, list: [error] });
    expect(text).not.toContain('hunter2');
    expect(JSON.parse(text)).toMatchObject({ error: { name: 'RangeError', message: 'far' }, list: [{ name: 'RangeError' }] });
  });
});

describe('a long line', () => {
  const bytes = (text: string) => Buffer.byteLength(text);

  it('keeps its fields, cut', () => {
    const line = read({
      message: 'm',
      id: 'i',
      ok: true,
      error: { name: 'E', message: 'x'.repeat(50_000), stack: 'y'.repeat(50_000), deep: { a: 1 } },
    });
    expect(line).toMatchObject({ message: 'm', id: 'i', ok: true, error: { name: 'E', message: 'x'.repeat(1000), deep: '…' } });
    expect(line['cut']).toBeGreaterThan(100_000);
  });

  it.each<[string, LogLine]>([
    ['many long fields', { message: 'm', ...Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`f${n}`, 'é'.repeat(2000)])) }],
    ['long names', { message: 'm', ['n'.repeat(100_000)]: 1 }],
    ['characters of six bytes', { message: '\u0001'.repeat(20_000), task: '\u0001'.repeat(20_000) }],
    ['characters of three bytes', { message: '€'.repeat(10_000) }],
    [
      'many fields of many',
      {
        message: 'm',
        ...Object.fromEntries(
          Array.from({ length: 24 }, (_, n) => [
            `f${n}`,
            Object.fromEntries(Array.from({ length: 24 }, (_, k) => [`${k}`.repeat(90), '\u0001'.repeat(200)])),
          ]),
        ),
      },
    ],
    ['a message that is no text', { message: { a: 'x'.repeat(50_000) } as never }],
  ])('has at most 16 kB: %s', (_what, line) => {
    const text = written(line);
    expect(bytes(text)).toBeLessThanOrEqual(16_384);
    expect(JSON.parse(text)).toMatchObject({ level: 'INFO' });
  });

  it('may have just as many', () => {
    const full = 'x'.repeat(16_384 - '{"level":"INFO","message":""}'.length);
    expect(bytes(written({ message: full }))).toBe(16_384);
    expect(read({ message: full })).not.toHaveProperty('cut');
    expect(read({ message: `${full}x` })).toMatchObject({ cut: 16_385 });
  });
});

describe('an error in a line', () => {
  it('is name, text and stack', () => {
    const error = new TypeError('boom');
    expect(errorFields(error)).toEqual({ name: 'TypeError', message: 'boom', stack: error.stack });
    expect(errorFields(Object.assign(new Error('m'), { stack: undefined }))).toEqual({ name: 'Error', message: 'm' });
  });

  it('is its kind where it is none', () => {
    expect(errorFields('hunter2')).toEqual({ name: 'string' });
    expect(errorFields(undefined)).toEqual({ name: 'undefined' });
  });

  it('is name and place where its text is not to be said', () => {
    const fields = errorFields(new Error('card 4111\n    at night\nthe end'), true);
    expect(fields).not.toHaveProperty('message');
    expect(fields.stack).toMatch(/^ {4}at .*logger\.test\.ts/);
    expect(JSON.stringify(fields)).not.toMatch(/4111|night|the end/);
    expect(errorFields(Object.assign(new Error('m'), { stack: 'all 4111' }), true)).toEqual({ name: 'Error', stack: '' });
    const changed = new Error('4111');
    changed.message = '';
    expect(JSON.stringify(errorFields(changed, true))).not.toContain('4111');
  });

  it('is read though it does not want to be', () => {
    const proxy = new Proxy(new Error('x'), { get: () => { throw new Error('no'); } }); // biome-ignore format: one line
    const { proxy: revoked, revoke } = Proxy.revocable(new Error('x'), {});
    revoke();
    expect([errorFields(proxy), errorFields(revoked)]).toEqual([{ name: 'Error' }, { name: 'Error' }]);
    expect(errorFields(Object.assign(new Error('x'), { name: { toString: () => 'N' }, message: 5, stack: 7 }))).toEqual({
      name: 'N',
      message: '5',
    });
  });
});
