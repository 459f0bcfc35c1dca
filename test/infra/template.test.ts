import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toSqsName } from 'celeriac/transports/sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { app, deadLetters } from '../../handlers/app.ts';
import '../../handlers/tasks.ts';
import { functions } from '../../infra/bundle.ts';
import { internalsOf } from '../../src/app/app.ts';
import { createRouteLookup } from '../../src/app/routes.ts';
import { packageCopy } from '../support/packaging.ts';
import { faultsOf, resourcesOf, type Template } from '../support/template.ts';
import { type Properties, propertiesOf } from '../support/template-properties.ts';
import { variablesOf } from './rules/rule.ts';

let directory: string;
let template: Template;
let prefixed: Template;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'celeriac-template-'));
  // What is in the zips is the bundle's test; the template only names them.
  await Promise.all(functions.map((name) => writeFile(join(directory, `${name}.zip`), '')));
  template = await packageCopy({ serviceDir: join(directory, 'plain'), buildDir: directory });
  prefixed = await packageCopy({ serviceDir: join(directory, 'prefixed'), buildDir: directory, params: { queueNamePrefix: 'test-' } });
}, 60_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

// ── looking things up; a thing that is not there fails the test ─────────────

function the(type: string, where: (properties: Properties) => boolean, from = template): { id: string; properties: Properties } {
  const found = [...resourcesOf(from, type)].filter(([, resource]) => where(propertiesOf(resource)));
  expect(found, `the one ${type}`).toHaveLength(1);
  const [id, resource] = found[0]!;
  return { id, properties: propertiesOf(resource) };
}

const queueNamed = (name: string, from = template) => the('AWS::SQS::Queue', ({ QueueName }) => QueueName === name, from);
const functionFor = (name: string, from = template) =>
  the('AWS::Lambda::Function', ({ Handler }) => Handler === `${name}.handler`, from).properties;

describe('the packaged template', () => {
  it('is sound by the published specification of its resources', () => {
    expect(faultsOf(template)).toEqual([]);
    expect(faultsOf(prefixed)).toEqual([]);
  });

  it('has the functions of the bundle, each with its own zip', () => {
    const found = [...resourcesOf(template, 'AWS::Lambda::Function').values()].map(propertiesOf);
    const named = found.map(({ Handler, Code }) => [Handler, Code.S3Key.split('/').at(-1)]);
    expect(named.sort()).toEqual(functions.map((name) => [`${name}.handler`, `${name}.zip`]).sort());
  });

  it('makes dead what the app takes for dead', () => {
    expect(functionFor('worker').Environment.Variables['DEAD_LETTER_QUEUE']).toBe(deadLetters.queue);
    expect(queueNamed('celery').properties.RedrivePolicy.maxReceiveCount).toBe(deadLetters.maxReceives);
  });
});

describe('the queues', () => {
  it('that tasks are routed to exist, whatever the prefix', () => {
    for (const queue of queuesOf(app)) {
      queueNamed(toSqsName(queue));
      queueNamed(toSqsName(`test-${queue}`), prefixed);
    }
  });

  it('are known to the functions by the names they have', () => {
    for (const [from, prefix] of [[template, ''] as const, [prefixed, 'test-'] as const]) {
      for (const resource of resourcesOf(from, 'AWS::Lambda::Function').values()) {
        const { QUEUE_NAME_PREFIX, DEAD_LETTER_QUEUE } = variablesOf(propertiesOf(resource));
        expect(QUEUE_NAME_PREFIX).toBe(prefix);
        if (DEAD_LETTER_QUEUE !== undefined) queueNamed(toSqsName(`${prefix}${DEAD_LETTER_QUEUE}`), from);
      }
    }
  });
});

describe('the prefix', () => {
  it('is followed to the last reference', () => {
    expect(JSON.stringify(prefixed)).toContain('AccountId}:test-celery"');
    expect(resourcesOf(prefixed, 'AWS::SQS::Queue').size).toBe(3);
    queueNamed('test-celery-schedule-dead-letter', prefixed);
  });

  it('is lent to the schedule group', () => {
    expect(the('AWS::Scheduler::ScheduleGroup', () => true).properties.Name).toBe('celery');
    expect(the('AWS::Scheduler::ScheduleGroup', () => true, prefixed).properties.Name).toBe('test-celery');
  });

  it('is lent to the tables', () => {
    const names = (from: Template) => [...resourcesOf(from, 'AWS::DynamoDB::Table').values()].map((table) => propertiesOf(table).TableName);
    expect(names(template)).toEqual(['celery', 'celery-ledger']);
    expect(names(prefixed)).toEqual(['test-celery', 'test-celery-ledger']);
  });
});

/** Every queue that the app may send to: its default, what the routes say of each task, and what the tasks say themselves. */
function queuesOf({ settings, tasks }: typeof app): Set<string> {
  const route = createRouteLookup(settings.taskRoutes);
  const named = tasks.flatMap((name) => [route(name, [], {}, {})?.queue, internalsOf(app).registry.get(name)?.defaults.queue]);
  return new Set([
    settings.taskDefaultQueue,
    settings.deadLetterQueue ?? deadLetters.queue,
    ...named.filter((queue) => queue !== undefined),
  ]);
}
