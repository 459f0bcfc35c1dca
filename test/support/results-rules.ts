/** What the table of results has to be in a packaged template, and who may do what with it. */

import { isDeepStrictEqual } from 'node:util';
import { toCreateTable } from '../../src/local/dynamodb-tables.ts';
import { type Resource, resourcesOf, type Template } from './template.ts';
import { propertiesOf, type Statement } from './template-properties.ts';

/** Everything wrong with it, each fault as `where: what`. */
export function resultsFaults(template: Template): string[] {
  const [table, ...more] = resourcesOf(template, 'AWS::DynamoDB::Table');
  if (table === undefined || more.length > 0) return ['one table of results is wanted'];
  const [id, resource] = table;
  return [
    ...tableFaults(resource).map((fault) => `${id}: ${fault}`),
    ...roles(template).flatMap((role) => roleFaults(id, role)),
    ...[...resourcesOf(template, 'AWS::Lambda::Function')].flatMap((entry) => functionFaults(template, id, entry)),
  ];
}

/** What a resource may have to say of itself, as CloudFormation has it. */
const WANTED: readonly (readonly [name: string, value: unknown, without: string])[] = [
  ['TimeToLiveSpecification', { AttributeName: 'ttl', Enabled: true }, 'nothing ever expires'],
  ['PointInTimeRecoverySpecification', { PointInTimeRecoveryEnabled: true }, 'it cannot be restored'],
  ['SSESpecification', { SSEEnabled: true }, 'it is not encrypted with a key of the account'],
];

function tableFaults({ Properties = {}, ...resource }: Resource): string[] {
  const { TableName: _any, ...layout } = toCreateTable('any');
  return [
    ...Object.entries(layout).flatMap(([name, value]) => (isDeepStrictEqual(Properties[name], value) ? [] : [`${name} is not Celery's`])),
    ...WANTED.flatMap(([name, value, without]) => (isDeepStrictEqual(Properties[name], value) ? [] : [without])),
    ...['DeletionPolicy', 'UpdateReplacePolicy'].flatMap((policy) =>
      resource[policy] === 'Retain' ? [] : [`${policy} loses the results`],
    ),
  ];
}

type Role = readonly [id: string, role: Resource];

const roles = (template: Template): Role[] => [...resourcesOf(template, 'AWS::IAM::Role')];

function roleFaults(table: string, [id, role]: Role): string[] {
  return onDynamoDB(role).flatMap(({ Action, Resource }) => [
    ...(isDeepStrictEqual(Resource, { 'Fn::GetAtt': [table, 'Arn'] }) ? [] : [`${id}: is allowed more than the one table`]),
    ...([Action].flat().some((action) => action.includes('*')) ? [`${id}: is allowed actions by wildcard`] : []),
  ]);
}

function onDynamoDB(role: Resource): Statement[] {
  const statements = propertiesOf(role).Policies.flatMap((policy) => policy.PolicyDocument.Statement);
  return statements.filter(({ Action }) => [Action].flat().some((action) => /^(dynamodb:|\*)/.test(action)));
}

/** Whoever knows the table may use it, and nobody else may. */
function functionFaults(template: Template, table: string, [id, resource]: Role): string[] {
  const { Environment, Role } = propertiesOf(resource);
  const named = Environment.Variables['RESULTS_TABLE'] as unknown;
  const role = template.Resources[Role['Fn::GetAtt']?.[0] ?? ''];
  const isAllowed = role !== undefined && onDynamoDB(role).length > 0;
  if (named === undefined) return isAllowed ? [`${id}: is allowed a table it does not know`] : [];
  return [
    ...(isDeepStrictEqual(named, { Ref: table }) ? [] : [`${id}: knows another table`]),
    ...(isAllowed ? [] : [`${id}: may not use the table it knows`]),
  ];
}
