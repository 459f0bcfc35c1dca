import { describe, expect, it } from 'vitest';
import { checkSqsName, toSqsName } from '../../../../src/transports/sqs/names.ts';

describe('an SQS name', () => {
  it('replaces every ASCII punctuation character but - and _', () => {
    expect(toSqsName('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~')).toBe(
      '____________--_____________________'.slice(0, 12) + '--' + '_'.repeat(18),
    );
  });

  it('keeps .fifo at the end alone', () => {
    expect(toSqsName('a.fifo.b.fifo')).toBe('a-fifo-b.fifo');
    expect(toSqsName('a.fifos')).toBe('a-fifos');
  });

  it.each(['a', 'A-b_9', 'x'.repeat(80), `${'x'.repeat(75)}.fifo`])('may be %s', (name) => {
    expect(() => checkSqsName(name, 'q')).not.toThrow();
  });

  it.each(['', 'a b', 'ü', '.fifo', 'x'.repeat(81), `${'x'.repeat(76)}.fifo`])('may not be %j', (name) => {
    expect(() => checkSqsName(name, 'the.queue')).toThrow(expect.objectContaining({ name: 'ImproperlyConfigured' }));
    expect(() => checkSqsName(name, 'the.queue')).toThrow(`Queue 'the.queue' would be '${name}' in SQS (${name.length} characters)`);
  });
});
