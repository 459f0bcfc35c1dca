/** What the documentation says is compared with what it speaks of: blocks, links, paths, commands and tables. */

import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createApp, type LogLine } from 'celeriac';
import { createEagerTransport } from 'celeriac/testing';
import { describe, expect, it } from 'vitest';
import { createPlan } from '../../infra/demo/plan.ts';
import { readRecorded } from '../../infra/demo/recorded.ts';
import { DEFAULT_SETTINGS } from '../../src/app/settings.ts';
import { checkOptions } from '../../src/canvas/call-options.ts';
import { argumentsOf, codesIn, firstTexts, membersOf, pickedBy, textsOf } from './declarations.ts';
import {
  anchorsOf,
  type Block,
  blocksOf,
  linksOf,
  markdownFiles,
  readFile,
  regionsOf,
  root,
  rowsUnder,
  wordsIn,
  wordsOf,
} from './markdown.ts';

const files = markdownFiles();
const blocks = files.flatMap(blocksOf);
const inLanguage = (language: string): Block[] => blocks.filter((block) => block.language === language);

describe('blocks', () => {
  const regions = regionsOf('docs/examples');

  it.each(inLanguage('ts'))('of TypeScript are regions of an example ($file, line $line)', ({ text }) => {
    expect(regions.map((region) => region.text)).toContain(text);
  });

  it('show every region of the examples', () => {
    const shown = new Set(inLanguage('ts').map(({ text }) => text));
    expect(regions.filter(({ text }) => !shown.has(text)).map(({ name }) => name)).toEqual([]);
  });

  it.each(inLanguage('yaml'))('of YAML are excerpts of the template ($file, line $line)', ({ text }) => {
    const sources = [
      'serverless.yml',
      ...readdirSync(join(root, 'infra'))
        .filter((file) => file.endsWith('.yml'))
        .map((file) => `infra/${file}`),
    ].map(readFile);
    expect(sources.some((source) => `\n${source}`.includes(`\n${text}\n`))).toBe(true);
  });

  it('are of a known language', () => {
    expect([...new Set(blocks.map(({ language }) => language))].sort()).toEqual(['python', 'sh', 'text', 'ts', 'yaml']);
  });
});

describe('links', () => {
  it.each(files)('of %s lead somewhere', (file) => {
    const broken = linksOf(file).filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? file : join(dirname(file), path);
      return !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(target).has(anchor));
    });
    expect(broken).toEqual([]);
  });

  it.each(files)('and paths named in %s exist', (file) => {
    const paths = wordsOf(file).filter((word) => /^(src|test|docs|handlers|infra|\.ci)\/[\w./-]*$/.test(word));
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe('the README', () => {
  it('tells how many messages the demo sends', async () => {
    const sent = createPlan(await readRecorded()).length;
    expect(readFile('README.md').replaceAll('\n', ' ')).toContain(`sends ${sent} messages`);
    expect(readFile('README.md')).toContain(`\n${sent} sent = `);
  });
});

describe('commands', () => {
  const { scripts } = JSON.parse(readFile('package.json')) as { scripts: Record<string, string> };
  const named = files.flatMap((file) =>
    [...readFile(file).matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map((match) => match[1] ?? match[2]!),
  );

  it('named anywhere are scripts', () => {
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it('are all in CONTRIBUTING.md', () => {
    const listed = rowsUnder('CONTRIBUTING.md', 'Checks').map(([command = '']) => command.replace(/`|npm (run )?/g, ''));
    expect(listed.sort()).toEqual(Object.keys(scripts).sort());
  });
});

/** The names in the first column of the tables under a heading. */
const listed = (file: string, heading: string): string[] => rowsUnder(file, heading).flatMap(([first = '']) => wordsIn(first));

describe('tables', () => {
  it.each<[about: string, found: () => readonly string[], expected: () => readonly string[]]>([
    ['settings', () => listed('docs/settings.md', 'Settings'), () => Object.keys(DEFAULT_SETTINGS)],
    ['parts of a connection', () => listed('docs/settings.md', 'The connection'), () => membersOf('src/app/connection.ts', 'Connection')],
    [
      'options of createSqsTransport',
      () => listed('docs/settings.md', 'The SQS transport'),
      () => [
        ...membersOf('src/transports/sqs/client.ts', 'SqsClientOptions'),
        ...membersOf('src/transports/sqs/queues.ts', 'QueueOptions'),
        ...membersOf('src/transports/sqs/outbox.ts', 'OutboxOptions'),
        ...membersOf('src/transports/sqs/sqs-transport.ts', 'SqsTransportOptions'),
      ],
    ],
    [
      'options of createSqsFetchTransport',
      () => listed('docs/lean-transport.md', 'Options'),
      () => [
        ...membersOf('src/transports/sqs-fetch/place.ts', 'PlaceOptions'),
        ...membersOf('src/transports/sqs-fetch/open.ts', 'SqsFetchClientOptions'),
        ...membersOf('src/transports/sqs/outbox.ts', 'OutboxOptions'),
        ...membersOf('src/transports/sqs/queues.ts', 'QueueOptions'),
        ...membersOf('src/transports/sqs-fetch/sqs-fetch-transport.ts', 'SqsFetchTransportOptions'),
      ],
    ],
    [
      'options of a task',
      () => listed('docs/sending.md', 'Declaring a task'),
      () => [...membersOf('src/app/definition.ts', 'TaskOptions'), ...membersOf('src/app/options.ts', 'TaskDefaults')],
    ],
    [
      'options of a call, and those refused',
      () => listed('docs/sending.md', 'The options of a call').filter((name) => !name.includes(' ')),
      () => [...membersOf('src/canvas/call-options.ts', 'ApplyOptions'), ...firstTexts('src/canvas/call-options.ts', 'REFUSED')],
    ],
    [
      'options of self.retry',
      () => listed('docs/retries.md', 'Asking for one'),
      () => [...membersOf('src/app/retry.ts', 'RetryOptions'), ...pickedBy('src/app/retry.ts', 'RetryOptions')],
    ],
    ['signals', () => listed('docs/worker.md', 'Signals and hooks'), () => membersOf('src/app/signals.ts', 'SignalPayloads')],
    ['options of revoking', () => listed('docs/revoking.md', 'Revoking'), () => membersOf('src/app/revoking.ts', 'RevokeOptions')],
    [
      'options of the DynamoDB ledger',
      () => listed('docs/revoking.md', 'Revoking, and the ledger'),
      () => membersOf('src/ledgers/dynamodb-table.ts', 'DynamoDBTableOptions'),
    ],
    [
      'options of the Redis ledger',
      () => listed('docs/revoking.md', 'A ledger in Redis'),
      () => [...membersOf('src/ledgers/redis.ts', 'RedisLedgerOptions'), ...membersOf('src/redis-client.ts', 'RedisClientOptions')],
    ],
    [
      'options of createS3LargeMessages',
      () => listed('docs/large-messages.md', 'Large messages'),
      () => [
        ...membersOf('src/large-messages/s3-bucket.ts', 'S3LargeMessagesOptions'),
        ...membersOf('src/large-messages/sizes.ts', 'Sizes'),
        ...membersOf('src/backends/s3-objects.ts', 'S3ClientOptions'),
      ],
    ],
    [
      'options of signing',
      () => listed('docs/signing.md', 'Signing messages'),
      () => membersOf('src/signing/signing.ts', 'SigningOptions'),
    ],
    [
      'codes of messages that are not believed',
      () => listed('docs/signing.md', 'What is refused'),
      () => textsOf('src/signing/check.ts', 'SignatureCode'),
    ],
    [
      'fields of idempotent',
      () => listed('docs/idempotency.md', 'Running once'),
      () => membersOf('src/app/options.ts', 'IdempotentOptions'),
    ],
    ['fields of unique', () => listed('docs/idempotency.md', 'Unique tasks'), () => membersOf('src/app/definition.ts', 'UniqueOptions')],
    [
      'options of createEventBridgeScheduler',
      () => listed('docs/waiting.md', 'EventBridge Scheduler').filter((name) => /^[a-zA-Z]+$/.test(name)),
      () => [
        ...membersOf('src/schedulers/eventbridge-requests.ts', 'EventBridgeSchedulerOptions'),
        ...membersOf('src/schedulers/eventbridge-client.ts', 'SchedulerClientOptions'),
      ],
    ],
    [
      'options of the local scheduler',
      () => listed('docs/local.md', 'Schedules'),
      () => membersOf('src/local/scheduler.ts', 'LocalSchedulerOptions'),
    ],
    [
      'options of createHandler',
      () => listed('docs/worker.md', 'The worker on Lambda'),
      () => membersOf('src/lambda/handler.ts', 'HandlerOptions'),
    ],
    ['options of createPoller', () => listed('docs/poller.md', 'The poller'), () => membersOf('src/poller/poller.ts', 'PollerOptions')],
    [
      'options of the memory transport',
      () => listed('docs/testing.md', 'Memory: queues in this process'),
      () => membersOf('src/transports/memory.ts', 'MemoryTransportOptions'),
    ],
    [
      'options of the local DynamoDB',
      () => listed('docs/local.md', 'Tables'),
      () => membersOf('src/local/dynamodb.ts', 'LocalDynamoDBOptions'),
    ],
    [
      'fields of a local queue',
      () => listed('docs/local.md', 'Queues'),
      () => membersOf('src/local/queue-definitions.ts', 'QueueDefinition'),
    ],
    [
      'options of the mapping',
      () => listed('docs/local.md', 'The mapping'),
      () => membersOf('src/local/event-source-mapping.ts', 'EventSourceMappingOptions'),
    ],
    [
      'options of the local function',
      () => listed('docs/local.md', 'The function'),
      () => membersOf('src/local/lambda-function.ts', 'LambdaOptions'),
    ],
    [
      'refused settings',
      () => listed('docs/settings.md', "Settings of Celery's that are refused"),
      () => firstTexts('src/app/settings-check.ts', 'NOT_HERE'),
    ],
    [
      'codes of dead letters',
      () => listed('docs/dead-letters.md', 'Codes'),
      () => [
        ...textsOf('src/errors.ts', 'DecodeCode'),
        'content-disallowed',
        ...textsOf('src/errors.ts', 'InvalidTaskCode'),
        ...textsOf('src/signing/check.ts', 'SignatureCode'),
        ...codesIn('src/worker').filter((code) => !code.includes('.')),
        ...argumentsOf('src/worker/settle-failure.ts', 'buryCopy'),
      ],
    ],
  ])('of %s have each of them, and no other', (_about, found, expected) => {
    expect([...found()].sort()).toEqual([...expected()].sort());
  });

  it('of settings tell the defaults', () => {
    const told = rowsUnder('docs/settings.md', 'Settings');
    const defaults = told.map(([name = '', , value = '']) => [wordsIn(name)[0], wordsIn(value)[0]?.replaceAll("'", '"')]);
    expect(Object.fromEntries(defaults)).toEqual(
      Object.fromEntries(Object.entries(DEFAULT_SETTINGS).map(([name, value]) => [name, JSON.stringify(value)])),
    );
  });

  it('of refused settings and options speak of what is refused', () => {
    for (const name of listed('docs/settings.md', "Settings of Celery's that are refused")) {
      const inPython = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      for (const spelling of [name, inPython])
        expect(() => createApp('a', { [spelling]: 1 } as never)).toThrow(/has no meaning on SQS and Lambda/);
    }
    for (const name of firstTexts('src/canvas/call-options.ts', 'REFUSED'))
      expect(() => checkOptions({ [name]: 1 })).toThrow(/no option .* on SQS/);
    for (const name of membersOf('src/canvas/call-options.ts', 'ApplyOptions')) expect(() => checkOptions({ [name]: 1 })).not.toThrow();
  });

  it('of log fields have each field of a failure, which has all', async () => {
    const lines: LogLine[] = [];
    const keep = (line: LogLine) => void lines.push(line);
    const app = createApp('a');
    app.task('fail', () => Promise.reject(new Error('boom')));
    app.connect({ transport: createEagerTransport(app), logger: { debug: keep, info: keep, warn: keep, error: keep } });
    await app.sendTask('fail');
    expect(listed('docs/worker.md', 'Logs').sort()).toEqual(Object.keys(lines[0] ?? {}).sort());
  });

  it('of features are complete, and those that work have a test', () => {
    const rows = rowsUnder('docs/compatibility.md', 'Compatibility with Celery');
    expect(rows.map(([number]) => Number(number))).toEqual(Array.from({ length: 95 }, (_, index) => index + 1));
    for (const [number, , state = '', , tests = ''] of rows) {
      expect(['works', 'differs', 'not yet', 'does not apply'], number).toContain(state);
      if (state === 'works') expect(tests, number).toContain('](../test/');
    }
    const count = (wanted: string): number => rows.filter(([, , state]) => state === wanted).length;
    expect(readFile('docs/compatibility.md').replaceAll('\n', ' ')).toContain(
      `${count('works')} work as in Celery, ${count('differs')} differ in the way that is stated, ${count('not yet')} are not there yet, ${count('does not apply')} do not apply`,
    );
  });
});
