import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoDBBackend, type DynamoDBBackend } from 'celeriac/backends/dynamodb';
import { createDynamoDBLedger } from 'celeriac/ledgers/dynamodb';
import { type LocalDynamoDB, startLocalDynamoDB } from 'celeriac/local';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { functions } from '../../infra/bundle.ts';
import type { Ledger } from '../../src/ledgers/ledger.ts';
import type { ResultDocument } from '../../src/wire/index.ts';
import { packageCopy } from '../support/packaging.ts';
import type { Template } from '../support/template.ts';
import { permissionsOf } from './rules/roles.ts';

let directory: string;
let template: Template;
let dynamodb: LocalDynamoDB;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'celeriac-tables-'));
  await Promise.all(functions.map((name) => writeFile(join(directory, `${name}.zip`), '')));
  template = await packageCopy({ serviceDir: join(directory, 'plain'), buildDir: directory });
  dynamodb = await startLocalDynamoDB({ tables: ['celery', 'celery-ledger'] });
}, 60_000);

afterAll(async () => {
  await dynamodb.close();
  await rm(directory, { recursive: true, force: true });
});

/** The actions of DynamoDB that the requests take which a store makes of this client, each once. */
async function asked(work: (client: { send(command: never): Promise<unknown> }) => Promise<unknown>): Promise<string[]> {
  const { endpoint, region, credentials } = dynamodb;
  const client = new DynamoDBClient({ endpoint, region, credentials });
  const commands = new Set<string>();
  const send = (command: object): Promise<unknown> => {
    commands.add(command.constructor.name.replace('Command', ''));
    return client.send(command as never);
  };
  try {
    await work({ send });
  } finally {
    client.destroy();
  }
  return [...commands].sort();
}

const byBackend = (work: (backend: DynamoDBBackend) => Promise<unknown>): Promise<string[]> =>
  asked((client) => work(createDynamoDBBackend({ client })));
const byLedger = (work: (ledger: Ledger) => Promise<unknown>): Promise<string[]> =>
  asked((client) => work(createDynamoDBLedger({ tableName: 'celery-ledger', client })));

/** What a role may do with a table. */
const allowed = (role: string, table: string): string[] =>
  permissionsOf(template, role)
    .flatMap((permission) => /^dynamodb:(\w+) on (.+)\.Arn$/.exec(permission)?.slice(1) ?? [])
    .flatMap((part, index, parts) => (index % 2 === 0 && parts[index + 1] === table ? [part] : []));

describe('what the roles allow on the table of results is what is asked of it', () => {
  const document = (id: string): ResultDocument =>
    ({ task_id: id, status: 'SUCCESS', result: 1, traceback: null, children: [], date_done: null }) as unknown as ResultDocument;
  const chord = { groupId: 'g', size: 1, header: [['g', null], [[['a', null], null]]] as never, expiresSeconds: 60 };

  it('by the worker, which stores results, counts chords and may forget', async () => {
    const requests = await byBackend(async (backend) => {
      await backend.chords.begin(chord);
      await backend.store(document('a'));
      await backend.storeMany?.([document('b'), document('c')]);
      await backend.fetch('a');
      const part = { groupId: 'g', taskId: 'a', groupIndex: 0, state: 'SUCCESS', result: 1, size: 1, expiresSeconds: 60 } as const;
      expect(await backend.chords.count(part)).toMatchObject({ state: 'complete' });
      await backend.chords.join(chord);
      await backend.chords.end(chord);
      await backend.forget('a');
    });
    expect(requests).toEqual(allowed('WorkerRole', 'ResultsTable'));
  });

  it('by the publisher, which begins chords and reads results', async () => {
    const requests = await byBackend(async (backend) => {
      await backend.chords.begin({ ...chord, groupId: 'h' });
      await backend.groups.save('i', chord.header);
      await backend.groups.restore('i');
      await backend.fetch('b');
      await backend.fetchMany?.(['b', 'c']);
    });
    expect(requests).toEqual(allowed('EnqueueRole', 'ResultsTable'));
  });
});

describe('what the roles allow on the ledger is what is asked of it', () => {
  const HOUR = 3_600_000;
  const attempt = (taskId: string, token = 'one') => ({ taskId, token });
  const name = (taskId: string) => ({ name: 'n', taskId, nowMs: 0, untilMs: HOUR });

  it('by the worker, which notes starts and ends, asks who is revoked, and claims', async () => {
    const requests = await byLedger(async (ledger) => {
      expect(await ledger.isRevoked({ taskId: 'a', stamps: {} }, 0)).toBe(false);
      await ledger.begin({ ...attempt('a'), expiresMs: HOUR });
      await ledger.begin({ ...attempt('a', 'two'), expiresMs: HOUR });
      await ledger.finish(attempt('a'));
      await ledger.finish(attempt('a', 'two'));
      const claim = { payload: 'p', nowMs: 0, heldUntilMs: HOUR, expiresMs: HOUR };
      await ledger.claim({ ...attempt('a'), ...claim });
      await ledger.claim({ ...attempt('a', 'two'), ...claim });
      await ledger.renew({ ...attempt('a'), heldUntilMs: 2 * HOUR });
      await ledger.release(attempt('a', 'two'));
      await ledger.settle({ ...attempt('a'), expiresMs: HOUR, outcome: 'done' });
    });
    expect(requests).toEqual(allowed('WorkerRole', 'LedgerTable'));
  });

  it('by the publisher, which reserves names, gives them up, and revokes', async () => {
    const requests = await byLedger(async (ledger) => {
      expect(await ledger.reserve(name('a'))).toEqual({ taskId: 'a' });
      expect(await ledger.reserve(name('b'))).toEqual({ taskId: 'a' });
      await ledger.unreserve({ name: 'n', taskId: 'b' });
      await ledger.unreserve({ name: 'n', taskId: 'a' });
      await ledger.revoke(['a'], { expiresMs: HOUR });
      await ledger.revokeByStamps({ tenant: ['a'] }, { expiresMs: HOUR });
    });
    expect(requests).toEqual(allowed('EnqueueRole', 'LedgerTable'));
  });
});
