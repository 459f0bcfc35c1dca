/** Ends that the task did not choose: time limits, expiry on the way to the next attempt, revocation. */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { type Case, eventually } from '../case.ts';
import type { World } from '../world.ts';

export function endings(world: World): readonly Case[] {
  return [...limits(world), ...expiries(world), ...revocations(world)];
}

const quoted = JSON.stringify;

interface Ending {
  readonly state: string;
  readonly type: string;
  readonly module: string;
  readonly args: readonly unknown[];
}

/** What Python's get() raises for a task that we ended. */
async function endingIn({ python, stored }: World, id: string): Promise<Ending> {
  await stored(id);
  const { state, type, module, args } = await python.value<Ending>(`error(${quoted(id)})`);
  return { state, type, module, args };
}

function limits(world: World): readonly Case[] {
  const { python } = world;
  const send = (heeds: string, options: string): Promise<string> => python.send(`app.send_task("live.overstay", (${heeds},), ${options})`);
  const soft = { state: 'FAILURE', type: 'SoftTimeLimitExceeded', module: 'billiard.exceptions', args: [] };
  const hard = { state: 'FAILURE', type: 'TimeLimitExceeded', module: 'billiard.exceptions' };
  return [
    {
      name: 'Python’s soft time limit ends a task that heeds it as billiard’s SoftTimeLimitExceeded',
      run: async () => deepEqual(await endingIn(world, await send('True', 'soft_time_limit=0.2, time_limit=5')), soft),
    },
    {
      name: 'a soft time limit alone does the same',
      run: async () => deepEqual(await endingIn(world, await send('True', 'soft_time_limit=0.2')), soft),
    },
    {
      name: 'Python’s time limit ends a task that heeds nothing as billiard’s TimeLimitExceeded',
      run: async () => deepEqual(await endingIn(world, await send('False', 'soft_time_limit=0.2, time_limit=1')), { ...hard, args: [1] }),
    },
    {
      name: 'a time limit with a fraction keeps it',
      run: async () => deepEqual(await endingIn(world, await send('False', 'time_limit=0.5')), { ...hard, args: [0.5] }),
    },
  ];
}

function expiries(world: World): readonly Case[] {
  const { app, python, runs, allSeen } = world;
  const expired = { state: 'REVOKED', type: 'TaskRevokedError', module: 'celery.exceptions', args: ['expired'] };
  return [
    {
      name: 'a task that expires between Python’s attempt and ours is REVOKED by us',
      run: async () => {
        const id = await python.send('app.send_task("both.pass_on", (["ts"], {"countdown": 2}), expires=1)');
        await eventually('REVOKED', async () => ((await app.asyncResult(id).state()) === 'REVOKED' ? true : undefined));
        deepEqual(await endingIn(world, id), expired);
        equal(runs.get(id), undefined);
      },
    },
    {
      name: 'a task that expires between our attempt and Python’s is REVOKED by Python',
      run: async () => {
        const sent = await app.sendTask('both.pass_on', [['py'], { countdown: 2 }], { expires: 1 });
        const { excType, excArgs } = (await sent.get({ timeout: 20, interval: 0.05, propagate: false })) as Record<string, unknown>;
        deepEqual([excType, excArgs, await sent.state()], ['TaskRevokedError', ['expired'], 'REVOKED']);
        equal((await allSeen()).filter(({ id }) => id === sent.id).length, 0);
      },
    },
    {
      name: 'our document of an expired task has Python’s fields',
      run: async () => {
        const gone = 'expires=datetime(2020, 1, 1, tzinfo=timezone.utc)';
        const fields = async (text: string): Promise<readonly string[]> => Object.keys(await world.stored(await python.send(text)));
        deepEqual(await fields(`inspect.apply_async((1,), ${gone})`), await fields(`app.send_task("py.inspect", (1,), ${gone})`));
      },
    },
  ];
}

/** Through our ledger; Python's own revocations are broadcasts, which SQS does not carry. */
function revocations(world: World): readonly Case[] {
  const { app, python, runs, seen } = world;
  const revoked = { state: 'REVOKED', type: 'TaskRevokedError', module: 'celery.exceptions', args: ['revoked'] };
  const isRevoked = async (id: string): Promise<void> => {
    deepEqual(await endingIn(world, id), revoked);
    equal(runs.get(id), undefined);
  };
  return [
    {
      name: 'Python’s task, revoked by id, is TaskRevokedError in Python',
      run: async () => {
        await app.control.revoke('revoked-17');
        await isRevoked(await python.send('inspect.apply_async((1,), task_id="revoked-17")'));
      },
    },
    {
      name: 'Python’s task, revoked by one of a stamp’s values',
      run: async () => {
        await app.control.revokeByStampedHeaders({ tenant: ['acme', 'ajax'] });
        const stamped = (tenant: string): string => `(lambda s: (s.stamp(tenant=${tenant}), s.apply_async())[1])(inspect.s(1))`;
        await isRevoked(await python.send(stamped('"acme"')));
        await isRevoked(await python.send(stamped('["other", "ajax"]')));
        ok(await world.ran(await python.send(stamped('"other"'))));
      },
    },
    {
      name: 'a task revoked while it waits for our attempt after Python’s',
      run: async () => {
        const id = await python.send('app.send_task("both.pass_on", (["ts"], {"countdown": 2}))');
        await seen('Python’s attempt', (run) => run.id === id);
        await app.asyncResult(id).revoke();
        await eventually('REVOKED', async () => ((await app.asyncResult(id).state()) === 'REVOKED' ? true : undefined));
        await isRevoked(id);
      },
    },
    {
      name: 'our own task, revoked while it waits, is TaskRevokedError for its caller and in Python',
      run: async () => {
        const sent = await app.sendTask('live.inspect', [1], { countdown: 2 });
        await sent.revoke();
        await rejects(sent.get({ timeout: 20, interval: 0.05 }), {
          name: 'RemoteError',
          excType: 'TaskRevokedError',
          excArgs: ['revoked'],
        });
        await isRevoked(sent.id);
      },
    },
  ];
}
