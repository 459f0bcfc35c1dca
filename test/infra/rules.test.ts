import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { functions, root } from '../../infra/bundle.ts';
import { packageCopy } from '../support/packaging.ts';
import { faultsOf, resourcesOf, type Template } from '../support/template.ts';
import { propertiesOf } from '../support/template-properties.ts';
import { rules } from './rules/index.ts';
import { permissionsOf } from './rules/roles.ts';
import { variablesOf } from './rules/rule.ts';
import { violations } from './violations/index.ts';

let directory: string;
let template: Template;
let standard: Template;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'celeriac-rules-'));
  await Promise.all(functions.map((name) => writeFile(join(directory, `${name}.zip`), '')));
  standard = await packageCopy({ serviceDir: join(directory, 'standard'), buildDir: directory });
  template = await packageCopy({ serviceDir: join(directory, 'whole'), buildDir: directory, params: { largeMessages: 'yes' } });
}, 60_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

/** What each rule finds, without those that find nothing. */
const findings = (in_: Template): Record<string, readonly string[]> =>
  Object.fromEntries(rules.map(({ name, check }) => [name, check(in_)] as const).filter(([, found]) => found.length > 0));

describe('the packaged template', () => {
  it('keeps every rule', () => {
    expect(findings(template)).toEqual({});
    expect(findings(standard)).toEqual({});
  });

  it('has the bucket of large messages, and all that goes with it, only where it is asked for', () => {
    const conditionOf = ({ Conditions }: Template & { Conditions?: unknown }): unknown => Conditions;
    expect(conditionOf(template)).toEqual({ HasLargeMessages: { 'Fn::Equals': ['yes', 'yes'] } });
    expect(conditionOf(standard)).toEqual({ HasLargeMessages: { 'Fn::Equals': ['no', 'yes'] } });
    const conditional = Object.entries(template.Resources).filter(([, { Condition }]) => Condition !== undefined);
    expect(conditional.map(([id, { Condition }]) => [id, Condition])).toEqual(
      ['LargeMessagesBucket', 'LargeMessagesBucketPolicy', 'EnqueueLargeMessages', 'WorkerLargeMessages'].map((id) => [
        id,
        'HasLargeMessages',
      ]),
    );
    for (const [id, resource] of resourcesOf(template, 'AWS::Lambda::Function')) {
      const { LARGE_MESSAGES_BUCKET: bucket } = variablesOf(propertiesOf(resource));
      const given = { 'Fn::If': ['HasLargeMessages', { Ref: 'LargeMessagesBucket' }, { Ref: 'AWS::NoValue' }] };
      expect(bucket, id).toEqual(id === 'DeadLetterLambdaFunction' ? undefined : given);
    }
  });
});

describe('the permissions that docs/deploying.md tells of', () => {
  const rows = readFileSync(join(root, 'docs/deploying.md'), 'utf8').split('\n| role | on | may | for |\n')[1]?.split('\n\n')[0] ?? '';
  const told = new Map<string, Set<string>>();
  let role = '';
  for (const row of rows.split('\n').slice(1)) {
    role = /^\| `(\w+)`/.exec(row)?.[1] ?? role;
    const actions = told.get(role) ?? new Set();
    told.set(role, actions);
    for (const [action] of row.matchAll(/\w+:[A-Z]\w+/g)) actions.add(action);
  }

  it.each(['EnqueueRole', 'WorkerRole', 'DeadLetterRole', 'ScheduleRole'])('are those of %s, beside its log', (id) => {
    const actions = permissionsOf(template, id).map((permission) => permission.split(' on ')[0]!);
    expect([...(told.get(id) ?? [])].sort()).toEqual([...new Set(actions.filter((action) => !action.startsWith('logs:')))].sort());
  });
});

describe('a rule', () => {
  it.each(violations)('finds $what ($breaks)', ({ breaks, plant, found }) => {
    const changed = structuredClone(template);
    plant(changed);
    expect(findings(changed)).toEqual({ [breaks]: found });
  });

  it('has a name that no other has', () => {
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  });

  it('is never without a violation that breaks it', () => {
    const broken = new Set(violations.map(({ breaks }) => breaks));
    expect(rules.map(({ name }) => name).filter((name) => !broken.has(name))).toEqual([]);
    expect([...broken].filter((name) => !rules.some((rule) => rule.name === name))).toEqual([]);
  });

  it('speaks of a template that is sound by the published specification', () => {
    expect(faultsOf(template)).toEqual([]);
  });
});
