import { describe, expect, it } from 'vitest';
import { pythonBytesText, resultKeys } from '../../../src/backends/result-keys.ts';

describe('the keys', () => {
  it('are Celery’s', () => {
    const { task, group, chord } = resultKeys();
    expect([task('i'), group('i'), chord('i')]).toEqual(['celery-task-meta-i', 'celery-taskset-meta-i', 'chord-unlock-i']);
  });

  it.each([
    ['prod', 'prod_celery-task-meta-i'],
    ['prod:', 'prod:celery-task-meta-i'],
    ['prod_', 'prod_celery-task-meta-i'],
    ['prod-', 'prod-celery-task-meta-i'],
    ['prod.', 'prod.celery-task-meta-i'],
    ['prod/', 'prod/_celery-task-meta-i'],
  ])('have the prefix %s before them', (prefix, key) => {
    expect(resultKeys(prefix).task('i')).toBe(key);
  });
});

/** As Python's str() prints the bytes. */
describe('bytes as Python prints them', () => {
  it.each([
    ['plain ~text!', "b'plain ~text!'"],
    ["it's", `b"it's"`],
    [`"it's"`, `b'"it\\'s"'`],
    ['say "so"', `b'say "so"'`],
    ['a\\b', "b'a\\\\b'"],
    ['\t\n\r\0\x7f', "b'\\t\\n\\r\\x00\\x7f'"],
    ['ü 🐇', "b'\\xc3\\xbc \\xf0\\x9f\\x90\\x87'"],
  ])('%j', (key, text) => {
    expect(pythonBytesText(key)).toBe(text);
  });
});
