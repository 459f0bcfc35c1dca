/** What a record may cost, counted and not timed: parses, decodings, promises, looks at the clock and at the registry. */

import { createHook } from 'node:async_hooks';
import { describe, expect, it, vi } from 'vitest';
import type { SqsEvent } from '../../../src/lambda/event.ts';
import type { Logger } from '../../../src/logger.ts';
import { createLambdaContext, createSqsEvent } from '../../../src/testing/events.ts';
import { createMemoryTransport } from '../../../src/transports/memory.ts';

const RECORDS = 10;
/** Those of awaiting counted, which come into being only where somebody counts; the task's own is one of them. */
const MOST_PROMISES = 16;
const parse = vi.spyOn(JSON, 'parse');
const asText = vi.spyOn(globalThis, 'atob');
const asBytes = vi.spyOn(Buffer, 'from');

// Imported after what they call is watched: some keep it for themselves.
const { createApp } = await import('../../../src/app/app.ts');
const { Registry } = await import('../../../src/app/registry.ts');
const { createHandler } = await import('../../../src/lambda/handler.ts');
const { silentLogger } = await import('../../../src/logger.ts');

const counts = () => ({ parses: parse.mock.calls.length, decodings: asText.mock.calls.length + asBytes.mock.calls.length });

/** Ten records for a task that waits for nothing; the first event is over, so that everything is imported and built. */
async function warm({
  padding = 0,
  logger = silentLogger,
  now = () => Date.now(),
}: {
  padding?: number;
  logger?: Logger;
  now?: () => number;
} = {}) {
  const transport = createMemoryTransport();
  const app = createApp('shop', { transport, logger, clock: { now } });
  const add = app.task('tasks.add', async (_text: string, _n: number) => 1);
  for (let n = 0; n < RECORDS; n++) await add.delay('x'.repeat(padding), n);
  const event = createSqsEvent(transport.messages('celery').map(({ body }) => body));
  const handler = createHandler(app);
  const handle = (given: SqsEvent = event) => handler(given, createLambdaContext());
  await handle();
  parse.mockClear();
  asText.mockClear();
  asBytes.mockClear();
  return { handle, app };
}

describe('a record that is run, and neither stored nor followed', () => {
  it.each([0, 1000, 20_000])('has each of its two layers decoded once and parsed once (%d characters of arguments)', async (padding) => {
    const { handle } = await warm({ padding });
    expect(await handle()).toEqual({ batchItemFailures: [] });
    expect(counts()).toEqual({ parses: 2 * RECORDS, decodings: 2 * RECORDS });
  });

  it('is held by a handful of promises', async () => {
    const { handle } = await warm();
    let promises = 0;
    const hook = createHook({
      init(_id, type) {
        if (type === 'PROMISE') promises += 1;
      },
    }).enable();
    await handle();
    hook.disable();
    expect(promises / RECORDS).toBeLessThanOrEqual(MOST_PROMISES);
  });

  it('reads the clock before it is run and before it is called, and for its line where there is one', async () => {
    let reads = 0;
    const now = () => {
      reads += 1;
      return Date.now();
    };
    const readsOf = async (logger: Logger): Promise<number> => {
      const { handle } = await warm({ logger, now });
      reads = 0;
      await handle();
      // One of them is the invocation's.
      return (reads - 1) / RECORDS;
    };
    expect(await readsOf(silentLogger)).toBe(2);
    expect(await readsOf({ ...silentLogger })).toBe(4);
  });
});

describe('what many records share', () => {
  it('is made once: the strategy of a task asks the registry no more', async () => {
    const { handle } = await warm();
    const get = vi.spyOn(Registry.prototype, 'get');
    await handle();
    expect(get).not.toHaveBeenCalled();
    get.mockRestore();
  });
});
