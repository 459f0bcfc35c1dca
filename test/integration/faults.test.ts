/**
 * One fault at a time, at every call to the outside that a path makes: the transport, the result store and the ledger fail before they
 * act, or act and then fail. Whatever fails and whenever, nothing is lost: it is done again at worst.
 */

import { describe, expect, it } from 'vitest';
import { createApp } from '../../src/app/app.ts';
import { createMemoryBackend } from '../../src/backends/memory.ts';
import { OperationalError } from '../../src/errors.ts';
import { createMemoryLedger } from '../../src/ledgers/memory.ts';
import { createMemoryTransport } from '../../src/transports/memory.ts';
import type { Outgoing, Receipt, Transport } from '../../src/transports/transport.ts';
import { createConsumer } from '../../src/worker/consumer.ts';
import { isAcknowledged } from '../../src/worker/disposition.ts';
import { createFakeClock } from '../support/fake-clock.ts';

type When = 'before' | 'after';

/** Lets all calls through but one, which fails before it acts or when it has acted. */
class Fault {
  calls = 0;
  readonly at: number;
  readonly when: When;
  constructor(at: number, when: When) {
    this.at = at;
    this.when = when;
  }

  async around<T>(act: () => Promise<T>): Promise<T> {
    this.calls += 1;
    if (this.calls !== this.at) return await act();
    if (this.when === 'after') await act();
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

function createWorld(fault: Fault) {
  const clock = createFakeClock(undefined, { autoAdvance: true });
  const memory = createMemoryTransport({ clock, visibilityTimeoutSeconds: 30, maxReceiveCount: 1000 });
  const backend = createMemoryBackend();
  const ledger = createMemoryLedger();
  const ran = new Map<string, number>();
  const ledgerCalls = ['begin', 'finish', 'isRevoked'] as const;
  // No second try within a send: each fault is met by the worker itself.
  const app = createApp('faults', {
    deadLetterQueue: 'dead',
    taskDeadLetterQueue: 'dead',
    taskPublishRetryPolicy: { maxRetries: 0 },
    taskTrackStarted: true,
  });
  const connect = (with_: Fault): void => {
    app.connect({
      transport: faultyTransport(memory, with_),
      backend: faulty(backend, ['store'], with_),
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
  };
  /** Delivers until the queue is empty, as a mapping does; the worker's process lives on. */
  const run = async (): Promise<void> => {
    connect(fault);
    const consume = createConsumer(app, { hostname: 'h', pid: 1 });
    for (let turns = 0; memory.messages('celery').length > 0; turns++) {
      if (turns > 100) throw new Error('the queue does not get empty');
      for (const delivery of await memory.inbox.receive('celery')) {
        const disposition = await consume(delivery);
        if (isAcknowledged(disposition)) await memory.inbox.done(delivery);
      }
      await clock.advance(31_000);
    }
  };
  connect(new Fault(0, 'before'));
  return { app, tasks, clock, memory, backend, ledger, ran, run };
}

type World = ReturnType<typeof createWorld>;

interface Path {
  /** Puts the message into the queue. */
  begin(world: World): Promise<string>;
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
};

describe.each(Object.entries(PATHS))('%s', (_name, { begin, check }) => {
  it.each<When>(['before', 'after'])('survives a fault %s each call it makes', async (when) => {
    let met = 0;
    for (let at = 1; ; at++) {
      const fault = new Fault(at, when);
      const world = createWorld(fault);
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
