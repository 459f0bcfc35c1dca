import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../infra/bundle.ts';

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs the demo into a pipe, and stops it as soon as it has written the text given. */
async function runDemo(stopAt?: string): Promise<Ended> {
  const child = spawn(process.execPath, [join(root, 'infra/demo/run.ts')], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (stopAt !== undefined && output.includes(stopAt)) child.kill('SIGTERM');
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}

const bundlesLeft = async (): Promise<string[]> => (await readdir(tmpdir())).filter((name) => name.startsWith('celeriac-demo-'));

it('npm start accounts for every message and ends with 0', async () => {
  const before = await bundlesLeft();
  const { code, output } = await runDemo();
  expect(output).toMatch(/^105 sent = 94 succeeded \+ 4 failed \+ 1 expired \+ 6 dead-lettered \+ 0 unaccounted for$/m);
  expect(output).toMatch(/^✓ .*proj\.tasks\.poison .*DEAD after 5 receives +sent → received 5× → given back 5× → buried/m);
  const retried = 'sent → received → retried → received → deleted';
  expect(output).toMatch(new RegExp(`^✓ .*proj\\.tasks\\.flaky .*TypeScript +SUCCESS +${retried}`, 'm'));
  expect(output).toMatch(new RegExp(`^✓ .*proj\\.tasks\\.flaky .*Celery 5\\.6\\.3 +SUCCESS +${retried}`, 'm'));
  expect(output).toMatch(new RegExp(`^✓ .*proj\\.tasks\\.auto .*TypeScript +FAILURE Error, dead letter: failed +${retried}`, 'm'));
  expect(output).toMatch(new RegExp(`^✓ .*proj\\.tasks\\.auto .*Celery 5\\.6\\.3 +FAILURE Error, dead letter: failed +${retried}`, 'm'));
  expect(output).toMatch(/^✓ .*Celery 5\.2\.6 +SUCCESS .*protocol 1$/m);
  expect(output).toMatch(/^✓ .*proj\.tasks\.add .*10 ids .*10 × SUCCESS .*a chord's 10 additions$/m);
  expect(output).toMatch(/^✓ .*proj\.tasks\.xsum .*the worker +SUCCESS 90 +sent → received → deleted +the chord's sum, read back$/m);
  expect(output).not.toContain('✗');
  expect(output).not.toContain('\u001b');
  expect(output.trimEnd().split('\n').at(-1)).toMatch(
    /^Nothing is lost and every task ended as planned, in [\d.]+ s\. Read on in README\.md/,
  );
  expect(code).toBe(0);
  expect((await bundlesLeft()).filter((name) => !before.includes(name))).toEqual([]);
}, 60_000);

it('npm start names what is unaccounted for and ends with 1 when it is stopped early', async () => {
  const { code, output } = await runDemo('SUCCESS');
  expect(output).toMatch(/^ {2}unaccounted for: .*proj\.tasks\.poison .* sent/m);
  expect(output).toMatch(/^Stopped after [\d.]+ s\.$/m);
  expect(code).toBe(1);
}, 60_000);
