/**
 * One fault at a time, at every call to the outside that a path makes: the transport, the result store and the ledger fail before they
 * act, or act and then fail. Whatever fails and whenever, nothing is lost: it is done again at worst.
 */

import { describe, expect, it } from 'vitest';
import { createApp } from '../../src/app/app.ts';
import { createMemoryBackend } from '../../src/backends/memory.ts';
import { chain } from '../../src/canvas/chain.ts';
import { chord } from '../../src/canvas/chord.ts';
import { OperationalError } from '../../src/errors.ts';
import { createMemoryLedger } from '../../src/ledgers/memory.ts';
import { createMemoryTransport } from '../../src/transports/memory.ts';
import type { Outgoing, Receipt, Transport } from '../../src/transports/transport.ts';
import { createConsumer } from '../../src/worker/consumer.ts';
import { isAcknowledged } from '../../src/worker/disposition.ts';
import { createFakeClock } from '../support/fake-clock.ts';

type When = 'before' | 'after' | 'as it crashes after';

/**
 * Lets all calls through but one, which fails before it acts or when it has acted. A crash is a call that has acted, and nothing more is
 * done until the next delivery.
 */
class Fault {
  calls = 0;
  isDown = false;
  readonly at: number;
  readonly when: When;
  constructor(at: number, when: When) {
    this.at = at;
    this.when = when;
  }

  async around<T>(act: () => Promise<T>): Promise<T> {
    if (this.isDown) throw new OperationalError('the process is down', { retryable: true });
    this.calls += 1;
    if (this.calls !== this.at) return await act();
    if (this.when !== 'before') await act();
    this.isDown = this.when === 'as it crashes after';
    throw new OperationalError(`call ${this.at} failed ${this.when} it acted`, { retryable: true });
  }
}

/** An object whose methods of these names go through the fault. */
function faulty<T extends object>(target: T, names: readonly (keyof T)[], fault: Fault): T {
  const wrapped = names.map((name) => {
    const method = target[name] as (...args: unknown[]) => Promise<unknown>;
    return [name, (...args: unknown[]) => fault.around(() => method.apply(target, args))];
  });
  return { ...target, ...Object.fromEntries(wrapped) };
}

/** A failing send answers with receipts, as transports do. */
function faultyTransport(transport: Transport, fault: Fault): Transport {
  const send = async (batch: readonly Outgoing[]): Promise<readonly Receipt[]> => {
    try {
      return await fault.around(() => transport.send(batch));
    } catch (error) {
      return batch.map(() => ({ ok: false, error: error as OperationalError }));
    }
  };
  return { ...transport, send };
}

function createWorld(fault: Fault, countsChords: boolean) {
  const clock = createFakeClock(undefined, { autoAdvance: true });
  const memory = createMemoryTransport({ clock, visibilityTimeoutSeconds: 30, maxReceiveCount: 1000 });
  const backend = createMemoryBackend();
  const ledger = createMemoryLedger();
  const ran = new Map<string, number>();
  const bodies: { readonly id: string; readonly args: readonly number[] }[] = [];
  const told: (readonly [own: string, of: string])[] = [];
  const heard: string[] = [];
  const ledgerCalls = ['begin', 'finish', 'isRevoked'] as const;
  // No second try within a send: each fault is met by the worker itself.
  const app = createApp('faults', {
    deadLetterQueue: 'dead',
    taskDeadLetterQueue: 'dead',
    taskPublishRetryPolicy: { maxRetries: 0 },
    taskTrackStarted: true,
  });
  const connect = (with_: Fault): void => {
    const chords = faulty(backend.chords!, ['begin', 'count', 'join', 'end', 'release'], with_);
    const { chords: _, ...rest } = faulty(backend, ['store', 'fetchMany'], with_);
    app.connect({
      transport: faultyTransport(memory, with_),
      // Unless it counts itself, celery.chord_unlock looks for the end of a chord.
      backend: countsChords ? { ...rest, chords } : rest,
      ledger: faulty(ledger, ledgerCalls, with_),
      clock,
    });
  };
  const note = (name: string): number => {
    ran.set(name, (ran.get(name) ?? 0) + 1);
    return ran.get(name)!;
  };
  const tasks = {
    plain: app.task('plain', () => note('plain')),
    flaky: app.task('flaky', { bind: true }, (self) => {
      note('flaky');
      if (self.retries === 0) self.retry({ countdown: 0, exc: new Error('once') });
      return 'done';
    }),
    hopeless: app.task('hopeless', { autoretryFor: [Error], maxRetries: 1, defaultRetryDelay: 1 }, () => {
      note('hopeless');
      throw new Error('always');
    }),
    double: app.task('double', (n: number) => {
      note('double');
      return 2 * n;
    }),
    sum: app.task('sum', { bind: true }, (self, all: readonly number[]) => {
      bodies.push({ id: self.id, args: all });
      return all.reduce((sum, one) => sum + one, 0);
    }),
    broken: app.task('broken', (..._values: unknown[]): number => {
      throw new Error('broken');
    }),
    told: app.task('told', { bind: true }, (self, id: string) => void told.push([self.id, id])),
    heard: app.task('heard', (request: { readonly id: string }, _error: unknown, _traceback: unknown) => void heard.push(request.id)),
    swap: app.task('swap', { bind: true }, (self, n: number): number => self.replace(chain(tasks.double.s(n), tasks.double.s()))),
  };
  /** Delivers until the queue is empty, as a mapping does; the worker's process lives on. */
  const run = async (): Promise<void> => {
    connect(fault);
    const consume = createConsumer(app, { hostname: 'h', pid: 1 });
    for (let turns = 0; memory.messages('celery').length > 0; turns++) {
      if (turns > 100) throw new Error('the queue does not get empty');
      for (const delivery of await memory.inbox.receive('celery')) {
        const disposition = await consume(delivery);
        if (isAcknowledged(disposition) && !fault.isDown) await memory.inbox.done(delivery);
        fault.isDown = false;
      }
      await clock.advance(31_000);
    }
  };
  connect(new Fault(0, 'before'));
  return { app, tasks, clock, memory, backend, ledger, ran, run, bodies, told, heard };
}

type World = ReturnType<typeof createWorld>;

interface Path {
  /** Puts the message into the queue. */
  begin(world: World): Promise<string>;
  /** False for a backend whose chords are looked for; default true. */
  readonly countsChords?: boolean;
  /** What must hold in the end. */
  check(world: World, id: string): Promise<void>;
}

const statusOf = async ({ backend }: World, id: string) => (await backend.fetch(id))?.status;

const PATHS: Readonly<Record<string, Path>> = {
  'a task that succeeds': {
    begin: async ({ tasks }) => (await tasks.plain.delay()).id,
    check: async (world, id) => expect(await statusOf(world, id)).toBe('SUCCESS'),
  },
  'a task that is tried again': {
    begin: async ({ tasks }) => (await tasks.flaky.delay()).id,
    async check(world, id) {
      expect(await statusOf(world, id)).toBe('SUCCESS');
      expect(world.ran.get('flaky')).toBeGreaterThanOrEqual(2);
    },
  },
  'a task whose retries are used up': {
    begin: async ({ tasks }) => (await tasks.hopeless.delay()).id,
    async check(world, id) {
      expect(await statusOf(world, id)).toBe('FAILURE');
      expect(world.memory.messages('dead').length).toBeGreaterThanOrEqual(1);
    },
  },
  'a task that waits': {
    begin: async ({ tasks, clock }) => {
      const { id } = await tasks.plain.applyAsync([], { countdown: 2000 });
      await clock.advance(900_000);
      return id;
    },
    async check(world, id) {
      expect(await statusOf(world, id)).toBe('SUCCESS');
      expect(world.ran.get('plain')).toBeGreaterThanOrEqual(1);
    },
  },
  'a message that cannot be read': {
    async begin({ memory }) {
      await memory.send([{ queue: 'celery', id: 'x', body: 'no message' }]);
      return 'x';
    },
    check: async ({ memory }) => expect(memory.messages('dead').length).toBeGreaterThanOrEqual(1),
  },
  'a revoked task': {
    async begin({ app, tasks }) {
      const { id } = await tasks.plain.delay();
      await app.control.revoke(id);
      return id;
    },
    async check(world, id) {
      expect(await statusOf(world, id)).toBe('REVOKED');
      expect(world.ran.get('plain')).toBeUndefined();
    },
  },
  'a task with callbacks, alone and several': {
    async begin({ tasks }) {
      const sent = await tasks.double
        .s(1)
        .link(tasks.double.s().link(tasks.double.s(), tasks.double.si(4)))
        .applyAsync();
      return sent.id;
    },
    async check(world, id) {
      expect(await valuesBelow(world, id)).toEqual([2, 4, 8, 8]);
    },
  },
  'a chain': {
    begin: async ({ tasks }) => (await chain(tasks.double.s(1), tasks.double.s(), tasks.double.s()).applyAsync()).id,
    async check(world, id) {
      expect(await resultOf(world, id)).toBe(8);
      // Each step has one id, however often it was sent.
      expect(world.backend.documents().size).toBe(3);
    },
  },
  'a chain that fails, with errbacks of both styles': {
    async begin({ tasks }) {
      const failing = chain(tasks.double.s(1), tasks.broken.s(), tasks.double.s()).linkError(tasks.told.s(), tasks.heard.s());
      return (await failing.applyAsync()).id;
    },
    async check(world, id) {
      expect(await statusOf(world, id)).toBe('FAILURE');
      expect(world.heard.length).toBeGreaterThanOrEqual(1);
      expectOne(world.told.map(([own]) => own));
    },
  },
  'a chord': { begin: beginChord, check: checkChord },
  'a chord that nobody counts': { begin: beginChord, check: checkChord, countsChords: false },
  'a chord in a chord': {
    async begin({ tasks }) {
      const inner = chord([tasks.double.s(1), tasks.double.s(2)], tasks.sum.s());
      return (await chord([inner, chain(tasks.double.s(3), tasks.double.s())], tasks.sum.s()).applyAsync()).id;
    },
    async check(world, id) {
      expect(await resultOf(world, id)).toBe(18);
      expect(new Set(world.bodies.map((body) => body.id)).size).toBe(2);
    },
  },
  'a chord that fails': { begin: beginFailingChord, check: checkFailingChord },
  'a chord that fails and that nobody counts': { begin: beginFailingChord, check: checkFailingChord, countsChords: false },
  'a chord that fails in a chord': {
    async begin({ tasks }) {
      const inner = chord([tasks.broken.s(), tasks.double.s(2)], tasks.sum.s());
      return (await chord([inner, tasks.double.s(3)], tasks.sum.s().linkError(tasks.told.s())).applyAsync()).id;
    },
    check: checkFailingChord,
  },
  'a task that is replaced in a chain': {
    begin: async ({ tasks }) => (await chain(tasks.double.s(1), tasks.swap.s(), tasks.double.s()).applyAsync()).id,
    async check(world, id) {
      expect(await resultOf(world, id)).toBe(16);
      expect(world.backend.documents().size).toBe(4);
    },
  },
};

async function resultOf({ backend }: World, id: string): Promise<unknown> {
  return (await backend.fetch(id))?.result;
}

/** The results of a task and of all that it sent on, each once. */
async function valuesBelow(world: World, id: string): Promise<unknown[]> {
  const document = await world.backend.fetch(id);
  const below: unknown[] = [];
  for (const [[child], members] of document?.children ?? []) {
    for (const one of members === null ? [child] : members.map(([[member]]) => member)) below.push(...(await valuesBelow(world, one)));
  }
  return [document?.result, ...below];
}

/** All the same, and at least one. */
function expectOne(ids: readonly string[]): void {
  expect([...new Set(ids)]).toHaveLength(1);
}

async function beginChord({ tasks }: World): Promise<string> {
  return (await chord([tasks.double.s(1), tasks.double.s(2), tasks.double.s(3)], tasks.sum.s()).applyAsync()).id;
}

async function checkChord(world: World, id: string): Promise<void> {
  expect(await resultOf(world, id)).toBe(12);
  expectOne(world.bodies.map((body) => body.id));
  for (const { args } of world.bodies) expect(args).toEqual([2, 4, 6]);
}

async function beginFailingChord({ tasks }: World): Promise<string> {
  return (await chord([tasks.double.s(1), tasks.broken.s()], tasks.sum.s().linkError(tasks.told.s())).applyAsync()).id;
}

async function checkFailingChord(world: World, id: string): Promise<void> {
  expect(await resultOf(world, id)).toMatchObject({ exc_type: 'ChordError' });
  expect(world.bodies).toEqual([]);
  expectOne(world.told.map(([own]) => own));
  expect(world.told.map(([, of]) => of)).toContain(id);
}

describe.each(Object.entries(PATHS))('%s', (_name, { begin, check, countsChords = true }) => {
  it.each<When>(['before', 'after', 'as it crashes after'])('survives a fault %s each call it makes', async (when) => {
    let met = 0;
    for (let at = 1; ; at++) {
      const fault = new Fault(at, when);
      const world = createWorld(fault, countsChords);
      const faultyId = await begin(world);
      await world.run();
      await check(world, faultyId);
      if (fault.calls < at) break;
      met = at;
      expect(at).toBeLessThan(60);
    }
    expect(met).toBeGreaterThan(0);
  });
});
