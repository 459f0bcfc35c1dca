/** Runs the examples of docs/canvas.md. */

import { type AsyncResult, chain, type GroupResult } from 'celeriac';
import { createMemoryBackend } from 'celeriac/backends/memory';
import { createEagerTransport, type EagerTransport } from 'celeriac/testing';
import { createMemoryTransport } from 'celeriac/transports/memory';
import { beforeEach, describe, expect, it } from 'vitest';
import * as canvas from '../../docs/examples/canvas.ts';
import { chord } from '../../src/canvas/chord.ts';
import { Signature } from '../../src/canvas/signature.ts';
import { membersOf } from './declarations.ts';
import { readFile, rowsUnder, wordsIn } from './markdown.ts';

const { app } = canvas;
let transport: EagerTransport;

beforeEach(() => {
  transport = createEagerTransport(app);
  app.connect({ transport, backend: createMemoryBackend() });
});

const got = (sent: AsyncResult | GroupResult): Promise<unknown> => sent.get({ timeout: 5 });

describe('docs/canvas.md', () => {
  it('runs a chain, a group and a chord', async () => {
    expect(await canvas.publishPrice()).toBe('published: 20 EUR');
    expect(await canvas.allPrices(['north', 'old town'])).toEqual([20, 32]);
    expect(await canvas.lowestPrice(['north', 'old town'])).toBe('20 EUR');
  });

  it('makes a chord of a group that is followed by something', () => {
    const { tasks } = canvas.bothWays.kwargs as { tasks: readonly { subtask_type: string | null }[] };
    expect(tasks.map(({ subtask_type }) => subtask_type)).toEqual([null, 'chord']);
  });

  it('leaves the arguments at the front open', async () => {
    expect(await got(await canvas.inEuro.delay(3))).toBe('3 EUR');
    expect(await got(await canvas.ofLamps.delay('north'))).toBe(20);
    expect(await got(await chain(canvas.inEuro, canvas.farewell).delay(3))).toBe('published: that was all');
    expect(canvas.ofLamps.options).toEqual({});
    expect(canvas.fromNorth).toMatchObject({ args: ['north', 'lamp'], options: { countdown: 60, queue: 'slow' } });
  });

  it('calls back', async () => {
    const sent = await canvas.publishOrApologise();
    expect(await got(sent)).toBe('published: all lamps');
    const [callback] = await sent.children();
    expect(await callback!.get({ timeout: 5 })).toBe('published: that was all');
  });

  it('calls a task in chunks', async () => {
    const calls = Array.from({ length: 12 }, (_, index): [string, string] => ['x'.repeat(index), 'y']);
    const values = (await got(await canvas.manyPrices(calls))) as number[][];
    expect(values.map(({ length }) => length)).toEqual([10, 2]);
    expect(values.flat()).toEqual(calls.map((_, index) => index));
  });

  it('has a task replace itself', async () => {
    expect(await got(await canvas.cheapest.delay(['north', 'old town'], 'lamp'))).toBe(20);
    expect(await got(await canvas.cheapest.delay([], 'lamp'))).toBe(0);
  });

  it('has a chord grow', async () => {
    const sent = await chord(
      [canvas.withReserve.s('north', 'old town'), canvas.withReserve.s('south', 'harbour')],
      canvas.lowest.s(),
    ).applyAsync();
    expect(await got(sent)).toBe(20);
  });

  it('stamps', () => {
    const { tasks } = canvas.numbered.kwargs as { tasks: readonly { options: object }[] };
    expect(tasks.map(({ options }) => options)).toEqual([
      expect.objectContaining({ tenant: 'acme', step: 12 }),
      expect.objectContaining({ tenant: 'acme', step: 12 }),
    ]);
  });

  it('keeps a signature as text', async () => {
    expect(await got(await canvas.sendKept())).toBe('20 EUR');
  });

  it('tells what cannot be', async () => {
    expect(canvas.mistakes()).toHaveLength(3);
    app.connect({ transport: createMemoryTransport() });
    await expect(chord([canvas.ofLamps.partial(['a']), canvas.ofLamps.partial(['b'])], canvas.lowest.s()).delay()).rejects.toMatchObject({
      name: 'ImproperlyConfigured',
    });
  });

  it('has every method of a signature', () => {
    const listed = rowsUnder('docs/canvas.md', 'Signatures').flatMap(([first = '']) =>
      wordsIn(first).map((word) => word.replace(/\(.*/, '')),
    );
    const methods = Object.getOwnPropertyNames(Signature.prototype).filter(
      (name) => name !== 'constructor' && typeof Object.getOwnPropertyDescriptor(Signature.prototype, name)?.value === 'function',
    );
    expect(listed.sort()).toEqual(methods.sort());
  });

  it('names every part of a visitor', () => {
    const told = readFile('docs/canvas.md');
    for (const name of membersOf('src/canvas/stamping.ts', 'StampingVisitor')) expect(told).toContain(`\`${name}\``);
  });
});
