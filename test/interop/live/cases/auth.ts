/** Signed messages: ours, which Celery passes over, and Celery's own `auth` serializer with `setup_security`, both ways. */

import { deepEqual, equal } from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../../../../src/index.ts';
import { startLocalSqs } from '../../../../src/local/index.ts';
import { createAuthCodec } from '../../../../src/signing/index.ts';
import { createSqsTransport } from '../../../../src/transports/sqs/index.ts';
import { openEnvelope } from '../../../../src/wire/envelope.ts';
import { sealEnvelope } from '../../../../src/wire/seal.ts';
import { createConsumer } from '../../../../src/worker/consumer.ts';
import { selfSigned } from '../../../support/self-signed.ts';
import { type Case, eventually } from '../case.ts';
import { type PythonOptions, startPeer, startWorker } from '../python.ts';
import type { World } from '../world.ts';

/** Python's worker runs what carries our signature as if it were not there. */
export function signedForPython({ sqs, seen }: World): readonly Case[] {
  return [
    {
      name: 'Python runs a message with our signature',
      run: async () => {
        const transport = createSqsTransport({ endpoint: sqs.endpoint, region: sqs.region, credentials: sqs.credentials });
        const signing = { keys: { '2030-01': 'k'.repeat(32) }, current: '2030-01' };
        const app = createApp('signed', { transport, signing });
        const { id } = await app.sendTask('py.inspect', ['Grüße 🎉', 1], { kwargs: { a: null }, queue: 'py' });
        const { repr, properties } = await seen('the signed task', (run) => run.id === id);
        await transport.close();
        deepEqual(repr, ["['Grüße 🎉', 1]", "{'a': None}"]);
        const { celeriac_signature: signature } = properties as Record<string, unknown>;
        equal(/^v1\.2030-01\.\d{13}\.[\w-]{43}\.py$/.test(String(signature)), true);
      },
    },
  ];
}

export interface Auth {
  readonly cases: readonly Case[];
  close(): Promise<void>;
}

export async function auth(python: string): Promise<Auth> {
  const folder = await mkdtemp(join(tmpdir(), 'celeriac-auth-'));
  const [ours, theirs] = [selfSigned({ names: ['celeriac', 'Zoë, Ltd'] }), selfSigned({ names: ['Python'], serial: 4712 })];
  await Promise.all(['trusted', 'results'].map((name) => mkdir(join(folder, name))));
  await Promise.all([
    writeFile(join(folder, 'python.key'), theirs.keyPem),
    writeFile(join(folder, 'python.pem'), theirs.certificate),
    writeFile(join(folder, 'trusted', 'ours.pem'), ours.certificate),
  ]);
  const sqs = await startLocalSqs({ queues: [{ name: 'ts' }, { name: 'py' }] });
  const options: PythonOptions = {
    python,
    sqs: new URL(sqs.endpoint).host,
    results: `file://${join(folder, 'results')}`,
    seen: join(folder, 'seen'),
    log: join(folder, 'python.log'),
  };
  const peer = startPeer(options, 'auth_peer.py');
  const worker = startWorker(options, 'auth_tasks', ['py']);
  const transport = createSqsTransport({ endpoint: sqs.endpoint, region: sqs.region, credentials: sqs.credentials });
  const codec = createAuthCodec({ key: ours.key, certificate: ours.certificate, trusted: [theirs.certificate] });
  const app = createApp('auth', { codecs: [codec], acceptContent: ['auth'], taskSerializer: 'auth', transport, taskDefaultQueue: 'py' });
  const ran: unknown[] = [];
  app.task('live.echo', { kwargs: true }, (...args: unknown[]) => void ran.push(args));
  const consume = createConsumer(app, { hostname: 'interop', pid: 1 });

  const seen = async (): Promise<readonly string[]> => (await readFile(options.seen, 'utf8').catch(() => '')).split('\n').slice(0, -1);
  /** How the next message of our queue ends. */
  const consumed = async (change: (body: string) => string = (body) => body): Promise<string> => {
    const [delivery] = await eventually('a message from Python', async () => {
      const found = await transport.inbox.receive('ts');
      return found.length > 0 ? found : undefined;
    });
    const { body, ...rest } = delivery!;
    const disposition = await consume({ ...rest, body: change(body) });
    await transport.inbox.done(delivery!);
    return disposition.do === 'quarantine' ? disposition.code : disposition.do;
  };

  return {
    cases: [
      {
        name: 'Python signs, we run; and what was changed we refuse',
        run: async () => {
          await peer.send('send("Grüße 🎉", 2**70, k=None)');
          equal(await consumed(), 'ack');
          deepEqual(ran, [['Grüße 🎉', 2n ** 70n, { k: null }]]);
          await peer.send('send(1)');
          equal(await consumed(withOtherArguments), 'bad-codec-output');
          equal(ran.length, 1);
        },
      },
      {
        name: 'we sign, Python runs; and what was changed it refuses',
        run: async () => {
          const taken: string[] = [];
          const changing = createApp('auth', {
            codecs: [codec],
            taskSerializer: 'auth',
            taskDefaultQueue: 'py',
            transport: {
              ...transport,
              send: (batch) => transport.send(batch.map((one) => ({ ...one, body: withOtherArguments(one.body) }))),
            },
          });
          taken.push((await changing.sendTask('auth.echo', ['changed'])).id);
          await app.sendTask('auth.echo', ['Grüße 🎉', 2n ** 70n], { kwargs: { k: null } });
          const lines = await eventually('a run in Python', async () => ((await seen()).length > 0 ? await seen() : undefined));
          await eventually('an empty queue', async () => {
            const { ready, delayed, inFlight } = await sqs.depth('py');
            return ready + delayed + inFlight === 0 ? true : undefined;
          });
          deepEqual(
            lines.map((line) => JSON.parse(line)),
            [["('Grüße 🎉', 1180591620717411303424)", "{'k': None}"]],
          );
          equal((await seen()).length, 1);
        },
      },
    ],
    async close() {
      await Promise.all([peer, worker].map((part) => part.close()));
      await transport.close();
      await sqs.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The message with one byte of its signed JSON changed, for Celery's text ends in it. */
function withOtherArguments(body: string): string {
  const envelope = openEnvelope(body);
  const packed = Buffer.from(Buffer.from(envelope.body, 'base64').toString(), 'base64');
  const changed = Buffer.concat([packed.subarray(0, -1), Buffer.from(' ]')]);
  return sealEnvelope({ ...envelope, body: Buffer.from(changed.toString('base64')).toString('base64') });
}
