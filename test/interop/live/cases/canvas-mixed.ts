/** Canvases of tasks that both sides run, step by step: who ends a chord, what comes twice, who is told of failures, what the other side sees. */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { AsyncResult, chord, type Signature } from '../../../../src/index.ts';
import type { ResultTuple } from '../../../../src/wire/result.ts';
import type { Side } from '../canvas-tasks.ts';
import type { CanvasWorld } from '../canvas-world.ts';
import { type Case, eventually } from '../case.ts';

const SIDES: readonly Side[] = ['ts', 'py'];
const NAMES: Readonly<Record<Side, string>> = { ts: 'TypeScript', py: 'Python' };
const newId = (): string => crypto.randomUUID();
const other = (side: Side): Side => (side === 'ts' ? 'py' : 'ts');

export function mixed(world: CanvasWorld): readonly Case[] {
  return [...chords(world), ...redelivered(world), ...refused(world), ...links(world), ...reading(world)];
}

/** The ids of a chord's parts, and its body's. */
function partsOf([[id, parent]]: ResultTuple): { readonly body: string; readonly parts: readonly string[] } {
  return { body: id, parts: (parent?.[1] ?? []).map(([[part]]) => part) };
}

const resultOf = async (world: CanvasWorld, taskId: string): Promise<unknown> => (await world.outcome([[taskId, null], null]))[1];

/** `a` at once and `b` held back: so `b` ends last. */
async function sendChord(world: CanvasWorld, builder: 'Python' | 'we', last: Side, body: Side) {
  const sides = [other(last), last, body];
  if (builder === 'Python')
    return partsOf(await world.pythonSends('chord([t.add.s(1, 1), t.add.s(2, 2).set(queue="held")], t.origin.s())', ...sides));
  const t = world.fleet(...sides);
  const sent = await chord([t.add.s(1, 1), t.add.s(2, 2).set({ queue: 'held' })], t.origin.s()).applyAsync();
  return partsOf(sent.toTuple());
}

function chords(world: CanvasWorld): readonly Case[] {
  const places = (['Python', 'we'] as const).flatMap((builder) => SIDES.flatMap((last) => SIDES.map((body) => ({ builder, last, body }))));
  return places.map(({ builder, last, body }) => ({
    name: `a chord ${builder === 'we' ? 'of ours' : 'of Python’s'} that ${NAMES[last]} completes, its body run in ${NAMES[body]}`,
    run: async () => {
      const sent = await sendChord(world, builder, last, body);
      const [first, held] = sent.parts;
      equal(await world.ended(first!), 'SUCCESS');
      await world.release(held!, last);
      const sender = String(await resultOf(world, sent.body));
      ok(last === 'ts' ? sender === 'celeriac@canvas' : sender.startsWith('gen'), `the body was sent by ${sender}`);
    },
  }));
}

/** What comes twice on our side counts once. */
function redelivered(world: CanvasWorld): readonly Case[] {
  const send = async (name: string, body: Side): Promise<ReturnType<typeof partsOf>> => {
    const t = world.fleet('ts', 'py', body);
    const parts = [t.add.s(1, 1).set({ queue: 'held' }), t.add.s(2, 2).set({ queue: 'held' })] as const;
    return partsOf((await chord(parts, t.once.s(name) as unknown as Signature<[unknown], unknown>).applyAsync()).toTuple());
  };
  return SIDES.flatMap((body): readonly Case[] => [
    {
      name: `our part comes twice before Python’s, and the body runs once in ${NAMES[body]}`,
      run: async () => {
        const name = newId();
        const sent = await send(name, body);
        const [ours, pythons] = sent.parts;
        await world.release(ours!, 'ts', 2);
        await world.ended(ours!);
        equal(await world.journal.told('once', name), 0);
        await world.release(pythons!, 'py');
        deepEqual(await resultOf(world, sent.body), [2, 4]);
        await pause(300);
        equal(await world.journal.told('once', name), 1);
      },
    },
    {
      name: `our part comes again after it has completed the chord, and the body runs once in ${NAMES[body]}`,
      run: async () => {
        const name = newId();
        const sent = await send(name, body);
        const [ours, pythons] = sent.parts;
        await world.release(pythons!, 'py');
        await world.ended(pythons!);
        await world.release(ours!, 'ts');
        deepEqual(await resultOf(world, sent.body), [2, 4]);
        await world.release(ours!, 'ts', 2);
        await pause(500);
        equal(await world.journal.told('once', name), 1);
      },
    },
  ]);
}

/** A part that is not run: what comes of it and of the body is the same on both sides. */
function refused(world: CanvasWorld): readonly Case[] {
  const comesTo = async ({ body, parts }: ReturnType<typeof partsOf>): Promise<unknown> => {
    const ends = [];
    for (const id of [...parts, body]) ends.push(await world.outcome([[id, null], null]), await world.ended(id));
    return ends;
  };
  const expired = async (side: Side): Promise<unknown> => {
    const t = world.fleet(side);
    const late = t.add.s(2, 2).set({ expires: new Date('2020-01-01T00:00:00Z') });
    return comesTo(partsOf((await chord([t.add.s(1, 1), late], t.total.s()).applyAsync()).toTuple()));
  };
  const revoked = async (side: Side): Promise<unknown> => {
    const t = world.fleet(side);
    const sent = partsOf((await chord([t.add.s(1, 1), t.add.s(2, 2).set({ queue: 'held' })], t.total.s()).applyAsync()).toTuple());
    const held = sent.parts[1]!;
    if (side === 'ts') await world.app.control.revoke(held);
    else await (await world.app.sendTask('py.revoke', [held])).get({ timeout: 20 });
    await world.release(held, side);
    return comesTo(sent);
  };
  return [
    {
      name: 'an expired part of a chord comes to the same on either side',
      run: async () => deepEqual(await expired('ts'), await expired('py')),
    },
    {
      name: 'a revoked part of a chord comes to the same on either side',
      run: async () => deepEqual(await revoked('ts'), await revoked('py')),
    },
  ];
}

function links(world: CanvasWorld): readonly Case[] {
  return SIDES.flatMap((side): readonly Case[] => [
    {
      name: `a link and the callbacks of a chord, built by Python for ${NAMES[side]}`,
      run: async () => {
        const [one, two] = [newId(), newId()];
        await world.pythonSends(`linked(t.add.s(1, 1), t.add.s(10).set(task_id="${one}"))`, side, other(side));
        await world.pythonSends(
          `linked(chord([t.add.s(1, 1), t.add.s(2, 2)], t.total.s()), t.add.s(10).set(task_id="${two}"))`,
          side,
          other(side),
        );
        deepEqual([await resultOf(world, one), await resultOf(world, two)], [12, 16]);
      },
    },
    {
      name: `a link and the callbacks of a chord, built by us for ${NAMES[side]}`,
      run: async () => {
        const [one, two] = [newId(), newId()];
        const t = world.fleet(side, other(side));
        await t.add
          .s(1, 1)
          .link(t.add.s(10).set({ taskId: one }))
          .applyAsync();
        const body = t.total.s().link(t.add.s(10).set({ taskId: two }));
        await chord([t.add.s(1, 1), t.add.s(2, 2)], body).applyAsync();
        deepEqual([await resultOf(world, one), await resultOf(world, two)], [12, 16]);
      },
    },
    {
      name: `an errback of the old style, in ${NAMES[other(side)]}, for ${NAMES[side]}, whoever builds`,
      run: async () => {
        const [one, two] = [newId(), newId()];
        const [[failed]] = await world.pythonSends(`failing(t.fail.s("boom"), t.apologise.s().set(task_id="${one}"))`, side, other(side));
        const t = world.fleet(side, other(side));
        const { id } = await t.fail
          .s('boom')
          .linkError(t.apologise.s().set({ taskId: two }))
          .applyAsync();
        deepEqual([await resultOf(world, one), await resultOf(world, two)], [`sorry for ${failed}`, `sorry for ${id}`]);
      },
    },
    {
      name: `an errback of the new style is called in ${NAMES[side]}, where the task failed, whoever builds`,
      run: async () => {
        const [[pythons]] = await world.pythonSends('failing(t.fail.s("boom"), t.hear.s())', side);
        const t = world.fleet(side);
        const { id } = await t.fail.s('boom').linkError(t.hear.s()).applyAsync();
        for (const failed of [pythons, id])
          await eventually(`the errback of ${failed}`, async () => (await world.journal.told('hear', failed, 'boom')) || undefined);
      },
    },
    {
      name: `the errback of a chord whose part fails in ${NAMES[side]} is given the body, whoever builds`,
      run: async () => {
        const [one, two] = [newId(), newId()];
        const [[pythons]] = await world.pythonSends(
          `chord([t.add.s(1, 1), t.fail.s("boom")], failing(t.total.s(), t.apologise.s().set(task_id="${one}")))`,
          side,
        );
        const t = world.fleet(side);
        const body = t.total.s().linkError(t.apologise.s().set({ taskId: two }));
        const { id } = await chord([t.add.s(1, 1), t.fail.s('boom')], body).applyAsync();
        deepEqual([await resultOf(world, one), await resultOf(world, two)], [`sorry for ${pythons}`, `sorry for ${id}`]);
      },
    },
  ]);
}

function reading(world: CanvasWorld): readonly Case[] {
  const { app } = world;
  const WAIT = { timeout: 20, interval: 0.1 };
  return SIDES.flatMap((side): readonly Case[] => [
    {
      name: `the parents of a chain that ran in ${NAMES[side]}, walked on either side`,
      run: async () => {
        const sent = await world.pythonSends('chain(t.add.s(2, 2), t.add.s(4), t.mul.s(10))', side);
        const values: unknown[] = [];
        for (let node = await app.resultFromTuple(sent); ; node = node.parent as typeof node) {
          values.push(await node.get(WAIT));
          if (node.parent === undefined) break;
        }
        deepEqual(values, [80, 8, 4]);
        deepEqual(await world.python('parents', sent), values);
      },
    },
    {
      name: `what a task in ${NAMES[side]} has sent, collected on either side`,
      run: async () => {
        const { id } = await world.fleet(side).spread.delay(10, ['ts', 'py']);
        const values: unknown[] = [];
        for await (const [, value] of app.asyncResult(id).collect(WAIT)) values.push(value);
        deepEqual(values, ['spread', 11, [12, 13], 12, 13]);
        deepEqual(await world.python('collected', id), values);
      },
    },
    {
      name: `a saved group that ran in ${NAMES[side]}, restored on the other side`,
      run: async () => {
        const [[pythons]] = await world.pythonSends('group(t.add.s(1, 1), t.add.s(2, 2))', side);
        deepEqual(await (await app.groupResult(pythons))?.get(WAIT), [2, 4]);
        const sent = await app.resultFromTuple(await world.pythonSends('group(t.add.s(1, 1), t.add.s(2, 2))', side));
        if (sent instanceof AsyncResult) throw new Error('a group was expected');
        await sent.save();
        deepEqual(await world.python('restored', sent.id), [2, 4]);
      },
    },
    {
      name: `how far a task in ${NAMES[side]} is, seen on either side, and its end waited for`,
      run: async () => {
        const name = newId();
        const sent = await world.fleet(side).progress.delay(name);
        const expected = { done: 1, of: 2 };
        await eventually('its progress', async () => ((await sent.state()) === 'PROGRESS' ? true : undefined));
        deepEqual([await sent.info(), await sent.ready()], [expected, false]);
        deepEqual(await world.python('info', sent.id), ['PROGRESS', expected]);
        const values = Promise.all([sent.get(WAIT), world.outcome(sent.toTuple())]);
        await pause(100);
        await world.journal.tell('go', name);
        deepEqual(await values, ['done', ['value', 'done']]);
      },
    },
    {
      name: `a state of its own that a task in ${NAMES[side]} ends in, seen on either side`,
      run: async () => {
        const sent = await world.fleet(side).stays.delay();
        await eventually('its state', async () => ((await sent.state()) === 'HALFWAY' ? true : undefined));
        deepEqual(await sent.info(), [1, 2]);
        deepEqual(await world.python('info', sent.id), ['HALFWAY', [1, 2]]);
      },
    },
  ]);
}
