/** The worst that one message can hold is decided in under 2 seconds by a process whose heap has 64 MB. */

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { Decision } from '../support/hostile-child.ts';
import { WORST } from '../support/hostile-worst.ts';

const HEAP_MB = 64;
const LIMIT_MS = 2000;
const CHILD = new URL('../support/hostile-child.ts', import.meta.url).pathname;

/** The message's end; rejects when the process did not survive it. */
async function decide(body: string): Promise<Decision> {
  const child = spawn(process.execPath, ['--expose-gc', `--max-old-space-size=${HEAP_MB}`, CHILD], { stdio: 'pipe' });
  const code = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [printed, complaints] = [text(child.stdout), text(child.stderr)];
  child.stdin.end(body);
  if ((await code) !== 0) expect.fail(`the process ended with ${await code}: ${(await complaints).slice(0, 500)}`);
  return JSON.parse(await printed) as Decision;
}

test('a message that asks for nothing is run, so that the others are refused for what they are', async () => {
  expect(await decide('{}')).toMatchObject({ end: 'not-an-envelope' });
});

/** Timed on a machine that does other things as well: the second try counts. */
test.each([...WORST])('%s', { retry: 1 }, async (_, make) => {
  const body = make();
  expect(body.length).toBeLessThanOrEqual(1_048_576);
  const { end, ms } = await decide(body);
  expect(end).toMatch(/^(?:[a-z0-9-]+|SUCCESS|FAILURE returned)$/);
  expect(ms).toBeLessThan(LIMIT_MS);
});
