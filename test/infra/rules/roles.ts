/** Who may do what: each role to the last permission, and who may take it. */

import { resourcesOf, type Template } from '../../support/template.ts';
import {
  nameOf,
  type Properties,
  permissionsIn,
  propertiesOf,
  type Statement,
  statementsIn,
  variable,
} from '../../support/template-properties.ts';
import { arnOf, each, finding, type Rule, same, targetOf, variablesOf } from './rule.ts';

const ROLE = 'AWS::IAM::Role';
const FUNCTION = 'AWS::Lambda::Function';

const on = (resource: string, prefix: string, ...actions: readonly string[]): string[] =>
  actions.map((action) => `${prefix}:${action} on ${resource}`);
const sub = (text: string): string => JSON.stringify({ 'Fn::Sub': text });

const SCHEDULES = sub(
  `arn:${variable('AWS::Partition')}:scheduler:${variable('AWS::Region')}:${variable('AWS::AccountId')}:schedule/${variable('ScheduleGroup')}/*`,
);
const LARGE_MESSAGES = sub(`${variable('LargeMessagesBucket.Arn')}/large-messages/*`);

/** All that is allowed by wildcard: AWS knows no other way to name what does not exist yet. */
const EXCUSED = [SCHEDULES, LARGE_MESSAGES];

const log = (group: string): string[] => on(`${group}.Arn`, 'logs', 'CreateLogStream', 'PutLogEvents');
const schedule = [...on(SCHEDULES, 'scheduler', 'CreateSchedule'), 'iam:PassRole on ScheduleRole.Arn'];

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  EnqueueRole: [
    ...on('CeleryQueue.Arn', 'sqs', 'SendMessage', 'GetQueueUrl'),
    ...on('ResultsTable.Arn', 'dynamodb', 'GetItem', 'BatchGetItem', 'PutItem'),
    ...on('LedgerTable.Arn', 'dynamodb', 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'),
    ...on(LARGE_MESSAGES, 's3', 'PutObject'),
    ...schedule,
    ...log('EnqueueLogGroup'),
  ],
  WorkerRole: [
    ...on('CeleryQueue.Arn', 'sqs', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes', 'ChangeMessageVisibility'),
    ...on('CeleryQueue.Arn', 'sqs', 'SendMessage', 'GetQueueUrl'),
    ...on('DeadLetterQueue.Arn', 'sqs', 'SendMessage', 'GetQueueUrl'),
    ...on('ResultsTable.Arn', 'dynamodb', 'GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'),
    ...on('LedgerTable.Arn', 'dynamodb', 'GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'),
    ...on(LARGE_MESSAGES, 's3', 'GetObject', 'PutObject'),
    ...on('LargeMessagesBucket.Arn', 's3', 'ListBucket'),
    ...schedule,
    ...log('WorkerLogGroup'),
  ],
  DeadLetterRole: [
    ...on('DeadLetterQueue.Arn', 'sqs', 'ReceiveMessage', 'ChangeMessageVisibility', 'GetQueueUrl'),
    ...log('DeadLetterLogGroup'),
  ],
  ScheduleRole: [...on('CeleryQueue.Arn', 'sqs', 'SendMessage'), ...on('ScheduleDeadLetterQueue.Arn', 'sqs', 'SendMessage')],
};

/** Each permission of a role, in it or beside it, as `action on resource`. */
export function permissionsOf(template: Template, role: string): string[] {
  const beside = [...resourcesOf(template, 'AWS::IAM::RolePolicy').values()]
    .map((policy) => propertiesOf(policy))
    .filter((policy) => targetOf((policy as Properties & { RoleName?: unknown }).RoleName) === role);
  return permissionsIn({
    ...propertiesOf(template.Resources[role]),
    Policies: [...propertiesOf(template.Resources[role]).Policies, ...beside],
  });
}

function permissionFaults(template: Template, role: string): string[] {
  const has = permissionsOf(template, role);
  const wanted = ALLOWED[role] ?? [];
  return [
    ...has.filter((permission) => !wanted.includes(permission)).map((permission) => `${role}: may do ${permission}`),
    ...wanted.filter((permission) => !has.includes(permission)).map((permission) => `${role}: may not do ${permission}`),
  ];
}

type Full = Statement & {
  readonly Principal?: { readonly Service?: string } | string;
  readonly NotAction?: unknown;
  readonly NotResource?: unknown;
};

const allowing = (value: unknown): Full[] => statementsIn(value).filter(({ Effect }) => Effect === 'Allow');

function wildcardFault(statement: Full): string | undefined {
  if (statement.NotAction !== undefined || statement.NotResource !== undefined) return 'allows all but what it names';
  if (statement.Principal === '*') return 'allows anyone';
  const actions = [statement.Action].flat().filter((action) => action.includes('*'));
  const resources = [statement.Resource].flat().map(nameOf);
  const wide = resources.filter((name) => name?.includes('*') && !EXCUSED.includes(name));
  return actions.length + wide.length > 0 ? `allows ${[...actions, ...wide].join(', ')}` : undefined;
}

const functionRoles = (template: Template): string[] =>
  [...resourcesOf(template, FUNCTION).values()].map((resource) => targetOf(propertiesOf(resource).Role));

const ofAccount = { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } };

function trustFault(statement: Full, template: Template): string | undefined {
  const { Principal, Action, Condition } = statement;
  const service = typeof Principal === 'object' ? Principal.Service : undefined;
  const [group = ''] = resourcesOf(template, 'AWS::Scheduler::ScheduleGroup').keys();
  const wanted = service === 'scheduler.amazonaws.com' ? { ...ofAccount, 'aws:SourceArn': arnOf(group) } : ofAccount;
  if (Action !== 'sts:AssumeRole' || service === undefined) return 'is taken otherwise than by a service';
  return same(Condition, { StringEquals: wanted }) ? undefined : `can be taken by ${service} for others`;
}

export const roleRules: readonly Rule[] = [
  {
    name: 'a role may do what its function calls, and nothing more',
    check: (template) => [...resourcesOf(template, ROLE).keys()].flatMap((role) => permissionFaults(template, role)),
  },
  {
    name: 'each function has a role of its own, which no service but Lambda takes',
    check: (template) => {
      const taken = functionRoles(template);
      return [...resourcesOf(template, ROLE)].flatMap(([id, role]) => {
        const [{ Principal } = {}] = allowing(propertiesOf(role).AssumeRolePolicyDocument);
        const service = typeof Principal === 'object' ? Principal.Service : Principal;
        const wanted = taken.includes(id) ? 'lambda.amazonaws.com' : 'scheduler.amazonaws.com';
        if (taken.filter((each) => each === id).length > 1) return [`${id}: is of several functions`];
        return finding(id, service !== wanted && `is taken by ${service}`);
      });
    },
  },
  {
    name: 'no policy comes from elsewhere',
    check: each(ROLE, (properties) => 'ManagedPolicyArns' in properties && 'takes managed policies'),
  },
  {
    name: 'nothing is allowed by wildcard, but what does not exist yet',
    check: (template) =>
      Object.entries(template.Resources).flatMap(([id, resource]) =>
        allowing(resource).flatMap((statement) => finding(id, wildcardFault(statement))),
      ),
  },
  {
    name: 'a service takes a role for this account alone, Scheduler for its group alone',
    check: each(ROLE, ({ AssumeRolePolicyDocument: { Statement } }, _id, template) => {
      const faults = Statement.flatMap((statement) => trustFault(statement, template) ?? []);
      return faults.join(', ') || undefined;
    }),
  },
  {
    name: 'a service calls a function for one source alone',
    check: (template) =>
      [...resourcesOf(template, 'AWS::Lambda::Permission')].flatMap(([id, { Properties = {} }]) => {
        const isService = String(Properties['Principal']).endsWith('.amazonaws.com');
        return finding(id, isService && targetOf(Properties['SourceArn']) === '' && `lets ${Properties['Principal']} call for anyone`);
      }),
  },
  {
    name: 'a role is handed to Scheduler alone',
    check: (template) =>
      [...resourcesOf(template, ROLE)].flatMap(([id, role]) =>
        allowing(role)
          .filter(({ Action }) => [Action].flat().includes('iam:PassRole'))
          .flatMap(({ Condition }) =>
            finding(
              id,
              !same(Condition, { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } }) && 'may hand it to others',
            ),
          ),
      ),
  },
  {
    name: 'whoever knows a table may use it, and nobody else',
    check: each(FUNCTION, (properties, _id, template) => {
      const known = Object.values(variablesOf(properties)).map(targetOf);
      const allowed = permissionsOf(template, targetOf(properties.Role)).filter((permission) => permission.startsWith('dynamodb:'));
      const faults = [...resourcesOf(template, 'AWS::DynamoDB::Table').keys()].flatMap((table) => {
        const may = allowed.some((permission) => permission.endsWith(` on ${table}.Arn`));
        if (may === known.includes(table)) return [];
        return may ? `may use ${table}, which it does not know` : `may not use ${table}, which it knows`;
      });
      return faults.join(', ') || undefined;
    }),
  },
];
