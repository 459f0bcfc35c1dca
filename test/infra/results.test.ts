import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoDBBackend, type DynamoDBBackend } from 'celeriac/backends/dynamodb';
import { type LocalDynamoDB, startLocalDynamoDB } from 'celeriac/local';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { functions } from '../../infra/bundle.ts';
import type { ResultDocument } from '../../src/wire/index.ts';
import { packageCopy } from '../support/packaging.ts';
import { resultsFaults } from '../support/results-rules.ts';
import type { Template } from '../support/template.ts';
import { permissionsIn, propertiesOf } from '../support/template-properties.ts';

let directory: string;
let template: Template;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'celeriac-results-'));
  await Promise.all(functions.map((name) => writeFile(join(directory, `${name}.zip`), '')));
  template = await packageCopy({ serviceDir: join(directory, 'plain'), buildDir: directory });
}, 60_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

/** A part of the template that a test may change. */
type Loose = Record<string, never> & { [name: string]: Loose };

const planted: [fault: string, plant: (resources: Loose) => void, found: string[]][] = [
  ['no table', (all) => delete all['ResultsTable'], ['one table of results is wanted']],
  ['a second table', (all) => Object.assign(all, { Other: all['ResultsTable'] }), ['one table of results is wanted']],
  [
    'a sort key',
    ({ ResultsTable }) => Object.assign(ResultsTable!['Properties']!['KeySchema']!, { 1: { AttributeName: 'at', KeyType: 'RANGE' } }),
    ["ResultsTable: KeySchema is not Celery's"],
  ],
  [
    'another key',
    ({ ResultsTable }) => Object.assign(ResultsTable!['Properties']!['KeySchema']!['0']!, { AttributeName: 'key' }),
    ["ResultsTable: KeySchema is not Celery's"],
  ],
  [
    'a key of bytes',
    ({ ResultsTable }) => Object.assign(ResultsTable!['Properties']!['AttributeDefinitions']!['0']!, { AttributeType: 'B' }),
    ["ResultsTable: AttributeDefinitions is not Celery's"],
  ],
  [
    'a table that is paid for when nobody uses it',
    ({ ResultsTable }) => Object.assign(ResultsTable!['Properties']!, { BillingMode: 'PROVISIONED' }),
    ["ResultsTable: BillingMode is not Celery's"],
  ],
  [
    'no expiry',
    ({ ResultsTable }) => delete ResultsTable!['Properties']!['TimeToLiveSpecification'],
    ['ResultsTable: nothing ever expires'],
  ],
  [
    'expiry by an attribute that Celery does not write',
    ({ ResultsTable }) => Object.assign(ResultsTable!['Properties']!['TimeToLiveSpecification']!, { AttributeName: 'expires' }),
    ['ResultsTable: nothing ever expires'],
  ],
  [
    'no backups',
    ({ ResultsTable }) => delete ResultsTable!['Properties']!['PointInTimeRecoverySpecification'],
    ['ResultsTable: it cannot be restored'],
  ],
  [
    'no encryption of the account’s own',
    ({ ResultsTable }) => delete ResultsTable!['Properties']!['SSESpecification'],
    ['ResultsTable: it is not encrypted with a key of the account'],
  ],
  [
    'a table that goes with the stack',
    ({ ResultsTable }) => delete ResultsTable!['DeletionPolicy'],
    ['ResultsTable: DeletionPolicy loses the results'],
  ],
  [
    'a table that another may take the place of',
    ({ ResultsTable }) => Object.assign(ResultsTable!, { UpdateReplacePolicy: 'Delete' }),
    ['ResultsTable: UpdateReplacePolicy loses the results'],
  ],
  [
    'a role for every table there is',
    ({ WorkerRole }) => Object.assign(tableStatement(WorkerRole!), { Resource: '*' }),
    ['WorkerRole: is allowed more than the one table'],
  ],
  [
    'a role for one table more',
    ({ WorkerRole }) => Object.assign(tableStatement(WorkerRole!), { Resource: [{ 'Fn::GetAtt': ['ResultsTable', 'Arn'] }, 'arn:other'] }),
    ['WorkerRole: is allowed more than the one table'],
  ],
  [
    'a role that may do anything with it',
    ({ EnqueueRole }) => Object.assign(tableStatement(EnqueueRole!), { Action: 'dynamodb:*' }),
    ['EnqueueRole: is allowed actions by wildcard'],
  ],
  [
    'a function without the right to its table',
    ({ EnqueueRole }) => Object.assign(tableStatement(EnqueueRole!), { Action: 'sqs:SendMessage' }),
    ['EnqueueLambdaFunction: may not use the table it knows'],
  ],
  [
    'a right without a table',
    ({ WorkerLambdaFunction }) => delete WorkerLambdaFunction!['Properties']!['Environment']!['Variables']!['RESULTS_TABLE'],
    ['WorkerLambdaFunction: is allowed a table it does not know'],
  ],
  [
    'a function with a table that nobody made',
    ({ WorkerLambdaFunction }) =>
      Object.assign(WorkerLambdaFunction!['Properties']!['Environment']!['Variables']!, { RESULTS_TABLE: 'mine' }),
    ['WorkerLambdaFunction: knows another table'],
  ],
];

/** The statement of a role that speaks of DynamoDB. */
function tableStatement(role: Loose): object {
  const statements = role['Properties']!['Policies']!['0']!['PolicyDocument']!['Statement'] as unknown as { Action: unknown }[];
  const found = statements.find(({ Action }) => JSON.stringify(Action).includes('dynamodb:'));
  if (found === undefined) throw new Error('The role has no statement of DynamoDB.');
  return found;
}

describe('the table of results', () => {
  it('is as Celery lays it out, kept, backed up, encrypted, and used by those alone who need it', () => {
    expect(resultsFaults(template)).toEqual([]);
  });

  it.each(planted)('is missed or refused when the template has %s', (_fault, plant, found) => {
    const changed = structuredClone(template);
    plant(changed.Resources as never);
    expect(resultsFaults(changed)).toEqual(found);
  });
});

describe('what the roles allow on the table is what is asked of it', () => {
  let dynamodb: LocalDynamoDB;

  beforeAll(async () => {
    dynamodb = await startLocalDynamoDB();
  });

  afterAll(() => dynamodb.close());

  /** The permissions that requests to the table take, each once. */
  async function asked(work: (backend: DynamoDBBackend) => Promise<unknown>): Promise<string[]> {
    const { endpoint, region, credentials } = dynamodb;
    const client = new DynamoDBClient({ endpoint, region, credentials });
    const commands = new Set<string>();
    const send = (command: object): Promise<unknown> => {
      commands.add(command.constructor.name.replace('Command', ''));
      return client.send(command as never);
    };
    try {
      await work(createDynamoDBBackend({ client: { send } }));
    } finally {
      client.destroy();
    }
    return [...commands].map((name) => `dynamodb:${name} on ResultsTable.Arn`).sort();
  }

  const allowed = (role: string): string[] =>
    permissionsIn(propertiesOf(template.Resources[role])).filter((permission) => permission.startsWith('dynamodb:'));

  const document = (id: string): ResultDocument =>
    ({ task_id: id, status: 'SUCCESS', result: 1, traceback: null, children: [], date_done: null }) as unknown as ResultDocument;
  const chord = { groupId: 'g', size: 1, header: [['g', null], [[['a', null], null]]] as never, expiresSeconds: 60 };

  it('by the worker, which stores results, counts chords and may forget', async () => {
    const requests = await asked(async (backend) => {
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
    expect(requests).toEqual(allowed('WorkerRole'));
  });

  it('by the publisher, which begins chords and reads results', async () => {
    const requests = await asked(async (backend) => {
      await backend.chords.begin({ ...chord, groupId: 'h' });
      await backend.groups.save('i', chord.header);
      await backend.groups.restore('i');
      await backend.fetch('b');
      await backend.fetchMany?.(['b', 'c']);
    });
    expect(requests).toEqual(allowed('EnqueueRole'));
  });
});
