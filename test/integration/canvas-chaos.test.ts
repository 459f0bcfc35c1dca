/**
 * Any canvas under many faults at once: calls that fail before or after they act, processes that die, messages that come twice. It comes
 * to what it comes to in peace: the same results, under as many ids, every id with one set of arguments. CELERIAC_CHAOS_RUNS asks for more runs.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createApp } from '../../src/app/app.ts';
import { createMemoryBackend } from '../../src/backends/memory.ts';
import { chained } from '../../src/canvas/chaining.ts';
import { OperationalError } from '../../src/errors.ts';
import { createMemoryTransport } from '../../src/transports/memory.ts';
import type { Outgoing } from '../../src/transports/transport.ts';
import type { SignatureData } from '../../src/wire/message.ts';
import type { ResultTuple } from '../../src/wire/result.ts';
import { createConsumer } from '../../src/worker/consumer.ts';
import { isAcknowledged } from '../../src/worker/disposition.ts';
import { createFakeClock } from '../support/fake-clock.ts';

type Shape =
  | { readonly kind: 'task'; readonly name: 'mix' | 'bad' | 'swap'; readonly linked: boolean }
  | { readonly kind: 'chain' | 'group' | 'chord'; readonly of: readonly Shape[] };

const shapes: fc.Arbitrary<Shape> = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.record({
      kind: fc.constant('task' as const),
      name: fc.oneof(
        { weight: 8, arbitrary: fc.constant('mix' as const) },
        { weight: 1, arbitrary: fc.constantFrom('bad' as const, 'swap' as const) },
      ),
      linked: fc.boolean(),
    }),
    fc.record({ kind: fc.constantFrom('chain', 'group', 'chord'), of: fc.array(tie('shape'), { minLength: 2, maxLength: 3 }) }),
  ),
})).shape;

const canvas = (type: string, kwargs: SignatureData['kwargs']): SignatureData => ({
  task: `celery.${type}`,
  args: [],
  kwargs,
  options: {},
  subtask_type: type,
  immutable: false,
});

/** The signature of a shape; each task has an argument of its own. */
function signatureOf(shape: Shape, count: { value: number }): SignatureData {
  if (shape.kind === 'task') {
    const one = (name: string, options = {}) => ({
      task: name,
      args: [++count.value],
      kwargs: {},
      options,
      subtask_type: null,
      immutable: false,
    });
    return one(shape.name, shape.linked ? { link: [one('mix')], link_error: [one('told')] } : {});
  }
  const of = shape.of.map((each) => signatureOf(each, count));
  if (shape.kind === 'chain') return chained(of);
  if (shape.kind === 'chord') return canvas('chord', { kwargs: {}, header: of.slice(0, -1), body: of.at(-1) });
  return canvas('group', { tasks: of });
}

/** Whether a chord ends in a group and something follows: as in Celery that runs once for each member, under one id, and the last one stays. */
function isRunForEachMember(signature: SignatureData): boolean {
  const parts = partsOf(signature);
  const { tasks } = signature.kwargs as { readonly tasks?: readonly SignatureData[] };
  const followed = signature.subtask_type === 'chain' ? tasks!.slice(0, -1) : [];
  return followed.some((step) => endsInGroup(step)) || parts.some(isRunForEachMember);
}

function endsInGroup(signature: SignatureData): boolean {
  if (signature.subtask_type === 'chain') return endsInGroup((signature.kwargs as { readonly tasks: SignatureData[] }).tasks.at(-1)!);
  if (signature.subtask_type === 'chord') return endsInGroup((signature.kwargs as { readonly body: SignatureData }).body);
  return signature.subtask_type === 'group';
}

function partsOf({ kwargs }: SignatureData): readonly SignatureData[] {
  const {
    tasks = [],
    header = [],
    body,
  } = kwargs as Partial<Record<'tasks' | 'header', readonly SignatureData[]>> & { body?: SignatureData };
  const headerParts = Array.isArray(header) ? (header as readonly SignatureData[]) : [header as unknown as SignatureData];
  return [...tasks, ...headerParts, ...(body === undefined ? [] : [body])];
}

interface Weather {
  /** How many calls of a hundred go wrong. */
  readonly faults: number;
  /** How many messages of a hundred come again though they were done. */
  readonly duplicates: number;
  readonly random: () => number;
}

const PEACE: Weather = { faults: 0, duplicates: 0, random: () => 1 };

function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Faults and duplicates in one life of a canvas. */
const MOST_TROUBLES = 30;

async function play(signature: object, weather: Weather, countsChords: boolean) {
  const clock = createFakeClock(undefined, { autoAdvance: true });
  const memory = createMemoryTransport({ clock, visibilityTimeoutSeconds: 30, maxReceiveCount: 1_000_000 });
  const backend = createMemoryBackend({ clock });
  const app = createApp('chaos', { taskPublishRetryPolicy: { maxRetries: 0 } });
  const argsOf = new Map<string, Set<string>>();
  const note = (id: string, args: unknown): void => {
    const known = argsOf.get(id) ?? new Set();
    argsOf.set(id, known.add(JSON.stringify(args)));
  };
  app.task('mix', { bind: true }, (self, ...args: unknown[]) => {
    note(self.id, args);
    return args;
  });
  app.task('bad', { bind: true }, (self, ...args: unknown[]): never => {
    note(self.id, args);
    throw new RangeError('bad');
  });
  app.task('swap', { bind: true }, (self, ...args: unknown[]): never =>
    self.replace(app.signature(chained([plain('mix', args), plain('mix', ['swapped'])]))),
  );
  app.task('told', { bind: true }, (self, ...args: unknown[]) => note(self.id, args.slice(1)));
  let down = false;
  // Weather passes: what is sent on by each of many runs of one message would multiply along a chain for ever.
  let troubles = 0;
  const happens = (ofHundred: number): boolean => {
    if (troubles >= MOST_TROUBLES || weather.random() * 100 >= ofHundred) return false;
    troubles += 1;
    return true;
  };
  const around = async <T>(act: () => Promise<T>): Promise<T> => {
    const fault = (): OperationalError => new OperationalError('weather', { retryable: true });
    if (down) throw fault();
    if (!happens(weather.faults)) return await act();
    const kind = Math.floor(weather.random() * 3);
    if (kind > 0) await act();
    down = kind === 2;
    throw fault();
  };
  const weathered = <T extends object>(target: T, names: readonly string[]): T =>
    Object.fromEntries(
      Object.entries(target).map(([name, member]) => [
        name,
        names.includes(name) ? (...args: unknown[]) => around(() => (member as (...args: unknown[]) => Promise<unknown>)(...args)) : member,
      ]),
    ) as T;
  app.connect({ transport: memory, backend: countsChords ? backend : { ...backend, chords: undefined as never }, clock });
  const sent = (await app.signature(signature).applyAsync()) as { toTuple(): ResultTuple };
  const chords = weathered(backend.chords!, ['begin', 'count', 'join', 'end', 'release']);
  const { chords: _, ...rest } = weathered(backend, ['store', 'fetchMany']);
  const send = (batch: readonly Outgoing[]) =>
    around(() => memory.send(batch)).catch((error) => batch.map(() => ({ ok: false as const, error })));
  app.connect({ transport: { ...memory, send }, backend: countsChords ? { ...rest, chords } : rest, clock });
  const consume = createConsumer(app, { hostname: 'h', pid: 1 });
  for (let turns = 0; memory.messages('celery').length > 0; turns++) {
    if (turns > 4000) throw new Error('the queue does not get empty');
    for (const delivery of await memory.inbox.receive('celery', { max: 10 })) {
      const isDone = isAcknowledged(await consume(delivery)) && !down;
      down = false;
      if (isDone && !happens(weather.duplicates)) await memory.inbox.done(delivery);
    }
    await clock.advance(5000);
  }
  for (const [id, args] of argsOf) expect([...args], `arguments of ${id}`).toHaveLength(1);
  return { ends: await endsOf(sent.toTuple(), backend), documents: backend.documents().size };
}

const plain = (task: string, args: readonly unknown[]) => ({ task, args, kwargs: {}, options: {}, subtask_type: null, immutable: false });

const ID = /[0-9a-f]{8}-[0-9a-f-]{27}/g;

/** How everything ended that whoever sent the canvas can ask for; ids aside. */
async function endsOf([[id, parent], members]: ResultTuple, backend: ReturnType<typeof createMemoryBackend>): Promise<unknown> {
  const document = await backend.fetch(id);
  const own = document === undefined ? null : [document.status, JSON.stringify(document.result).replaceAll(ID, 'id')];
  return [
    own,
    parent === null || parent === undefined ? null : await endsOf(parent, backend),
    members === null ? null : await Promise.all(members.map((member) => endsOf(member, backend))),
  ];
}

describe.each([
  ['counted by the backend', true],
  ['looked for', false],
])('with chords %s', (_how, countsChords) => {
  it('any canvas comes to the same in any weather', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.integer({ min: 1 }), fc.constantFrom(3, 15, 40), async (shape, seed, faults) => {
        const signature = signatureOf(shape, { value: 0 });
        fc.pre(!isRunForEachMember(signature));
        const peace = await play(signature, PEACE, countsChords);
        const storm = await play(signature, { faults, duplicates: faults / 2, random: dice(seed) }, countsChords);
        expect(storm).toEqual(peace);
      }),
      { numRuns: Number(process.env['CELERIAC_CHAOS_RUNS'] ?? 60) },
    );
  }, 60_000);
});
