/** The README's section about both languages, as it is written: its blocks become files and run. Only where AWS is comes from the environment. */

import { equal } from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { startLocalSqs } from '../../../../src/local/index.ts';
import { startDynamoDB } from '../../../support/dynamodb.ts';
import type { Case } from '../case.ts';

const HEADING = 'Python and TypeScript together';
const README = join(import.meta.dirname, '../../../../README.md');
const FROM_SOURCE = join(import.meta.dirname, '../celeriac-from-source.ts');

export interface Readme {
  readonly cases: readonly Case[];
  close(): Promise<void>;
}

type Program = ChildProcessByStdio<null, Readable, Readable>;

export async function readme(python: string): Promise<Readme> {
  const folder = await mkdtemp(join(tmpdir(), 'celeriac-readme-'));
  const [sqs, table] = await Promise.all([
    startLocalSqs({ region: 'eu-central-1', queues: [{ name: 'celery' }, { name: 'python' }] }),
    startDynamoDB(),
  ]);
  const env = {
    PATH: process.env['PATH'],
    LANG: 'C.UTF-8',
    NO_PROXY: '*',
    AWS_ACCESS_KEY_ID: 'any',
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_SQS: sqs.endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: table.connection.endpoint,
  };
  const programs: Program[] = [];
  const start = (program: string, ...args: readonly string[]): Program => {
    const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    programs.push(child);
    return child;
  };
  const blocks = await blocksOfSection();
  const [texts, client, images, command, calls] = blocks.map(({ text }) => text);
  const write = async (name: string, text = ''): Promise<string> => {
    await writeFile(join(folder, name), text);
    return name;
  };
  const runTypeScript = async (name: string, text?: string): Promise<Program> =>
    start(process.execPath, '--import', FROM_SOURCE, await write(name, text));
  return {
    cases: [
      {
        name: 'its blocks are those that are run here',
        run: async () => equal(blocks.map(({ language }) => language).join(), 'ts,python,python,sh,ts'),
      },
      {
        name: 'Python calls, TypeScript runs',
        run: async () => {
          await runTypeScript('texts.ts', texts);
          equal(await printed(start(python, await write('client.py', client))), '11\n');
        },
      },
      {
        name: 'TypeScript calls, Python runs',
        run: async () => {
          await write('images.py', images);
          const [celery = '', ...args] = (command ?? '').split(' ');
          start(join(dirname(python), celery), ...args);
          equal(await printed(await runTypeScript('calls.ts', calls)), 'a.png?w=64, b.png?w=64\n');
        },
      },
    ],
    async close() {
      await Promise.all(programs.map(end));
      await Promise.all([table.stop(), sqs.close(), rm(folder, { recursive: true, force: true })]);
    },
  };
}

async function blocksOfSection(): Promise<readonly { readonly language: string; readonly text: string }[]> {
  const text = await readFile(README, 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(HEADING)) ?? '';
  return Array.from(section.matchAll(/^```(\w*)\n([\s\S]*?)\n```$/gm), ([, language = '', block = '']) => ({ language, text: block }));
}

/** What a program writes until it ends. @throws Error with what it complained of, when it fails */
async function printed(program: Program): Promise<string> {
  let [output, complaints] = ['', ''];
  program.stdout.on('data', (part: Buffer) => {
    output += part;
  });
  program.stderr.on('data', (part: Buffer) => {
    complaints += part;
  });
  const [code] = await once(program, 'close');
  if (code !== 0) throw new Error(`it ended with ${code}: ${complaints}`);
  return output;
}

const PATIENCE_MS = 5_000;

async function end(program: Program): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  program.stdout.resume();
  program.stderr.resume();
  const ended = once(program, 'close');
  program.kill('SIGTERM');
  const impatience = setTimeout(() => program.kill('SIGKILL'), PATIENCE_MS);
  await ended;
  clearTimeout(impatience);
}
