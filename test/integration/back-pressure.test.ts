import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const CALLS = 100_000;
/** Messages that all wait at once, with their promises, take more than 320; close to its end a heap is slow. */
const HEAP_MB = 256;

it('a loop that waits for none of its calls exhausts neither memory nor sockets', async () => {
  const script = join(import.meta.dirname, '../support/many-calls.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [`--max-old-space-size=${HEAP_MB}`, '--no-warnings', script, `${CALLS}`]);
  expect(JSON.parse(stdout)).toEqual({ accepted: CALLS, resolved: CALLS, mostUnderWay: 8 });
}, 60_000);

it.each([
  ['signed, to a FIFO queue', 6000, 64],
  ['large, without an end', 1200, 320],
])(
  'what was sent is let go of: %s',
  async (how, calls, heapMb) => {
    const script = join(import.meta.dirname, '../support/let-go.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [`--max-old-space-size=${heapMb}`, '--no-warnings', script, how]);
    expect(Number(stdout)).toBe(calls);
  },
  60_000,
);
