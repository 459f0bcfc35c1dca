/**
 * A small checker for packaged CloudFormation templates: structure against AWS's published resource specification,
 * and references within the template. What the numbers should be is for the tests in test/infra.
 */

import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly [section: string]: unknown;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}

/** The resources of one type, by their logical id. */
export function resourcesOf(template: Template, type: string): Map<string, Resource> {
  return new Map(Object.entries(template.Resources).filter(([, resource]) => resource.Type === type));
}

/** Everything wrong with the template, each fault as `where: what`. */
export function faultsOf(template: Template): string[] {
  return [...Object.entries(template.Resources).flatMap(resourceFaults), ...referenceFaults(template), ...circleFaults(template)];
}

// ── against the specification ───────────────────────────────────────────────

let loaded: ReturnType<typeof loadAwsServiceSpecSync> | undefined;

function spec(): ReturnType<typeof loadAwsServiceSpecSync> {
  loaded ??= loadAwsServiceSpecSync();
  return loaded;
}

function findResource(type: string) {
  return spec().lookup('resource', 'cloudFormationType', 'equals', type)[0];
}

type Properties = NonNullable<ReturnType<typeof findResource>>['properties'];
type PropertyType = Properties[string]['type'];

const SECTIONS = new Set(['Type', 'Properties', 'DependsOn', 'Condition', 'Metadata', 'DeletionPolicy', 'UpdateReplacePolicy']);

function resourceFaults([id, resource]: [string, Resource]): string[] {
  const known = findResource(resource.Type);
  if (known === undefined) return [`${id}: there is no resource type ${resource.Type}`];
  return [
    ...Object.keys(resource).flatMap((name) => (SECTIONS.has(name) ? [] : [`${id}: there is no section ${name}`])),
    ...objectFaults(id, resource.Properties ?? {}, known.properties),
  ];
}

function objectFaults(where: string, value: Readonly<Record<string, unknown>>, properties: Properties): string[] {
  const missing = Object.entries(properties).flatMap(([name, property]) =>
    property.required && !Object.hasOwn(value, name) ? [`${where}: ${name} is required`] : [],
  );
  const wrong = Object.entries(value).flatMap(([name, part]) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return property === undefined ? [`${where}: there is no property ${name}`] : typeFaults(`${where}.${name}`, part, property.type);
  });
  return [...missing, ...wrong];
}

function typeFaults(where: string, value: unknown, type: PropertyType): string[] {
  if (isIntrinsic(value)) return [];
  switch (type.type) {
    case 'json':
      return [];
    case 'string':
    case 'date-time':
      return unless(typeof value === 'string', where, 'a string', value, allowed(type));
    case 'boolean':
      return unless(typeof value === 'boolean', where, 'a boolean', value);
    case 'number':
      return unless(typeof value === 'number', where, 'a number', value);
    case 'integer':
      return unless(Number.isInteger(value), where, 'an integer', value, allowed(type));
    case 'array':
      if (!Array.isArray(value)) return unless(false, where, 'a list', value);
      return value.flatMap((part, index) => typeFaults(`${where}[${index}]`, part, type.element));
    case 'map':
      if (!isObject(value)) return unless(false, where, 'a map', value);
      return Object.entries(value).flatMap(([key, part]) => typeFaults(`${where}.${key}`, part, type.element));
    case 'ref':
      if (!isObject(value)) return unless(false, where, 'an object', value);
      return objectFaults(where, value, spec().get('typeDefinition', type.reference.$ref).properties);
    case 'tag':
      return unless(isObject(value) && typeof value['Key'] === 'string' && Object.hasOwn(value, 'Value'), where, 'a tag', value);
    case 'union':
      return unionFaults(where, value, type.types);
    default:
      return [`${where}: the specification has the type '${type.type}', which this checker does not know`];
  }
}

/** No fault where one of the types fits; else those of the nearest, the one with the fewest. */
function unionFaults(where: string, value: unknown, types: readonly PropertyType[]): string[] {
  const each = types.map((type) => typeFaults(where, value, type));
  return each.reduce((best, faults) => (faults.length < best.length ? faults : best));
}

function allowed(type: PropertyType): readonly unknown[] | undefined {
  return 'allowedValues' in type ? (type.allowedValues as readonly unknown[] | undefined) : undefined;
}

function unless(fits: boolean, where: string, wanted: string, value: unknown, values?: readonly unknown[]): string[] {
  if (!fits) return [`${where}: ${wanted} is wanted, not ${JSON.stringify(value)}`];
  return values === undefined || values.includes(value)
    ? []
    : [`${where}: one of ${values.join(', ')} is wanted, not ${JSON.stringify(value)}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A function of CloudFormation, whose value is known only when deployed. */
function isIntrinsic(value: unknown): boolean {
  if (!isObject(value)) return false;
  const [name, ...more] = Object.keys(value);
  return more.length === 0 && name !== undefined && (name === 'Ref' || name.startsWith('Fn::'));
}

// ── within the template ─────────────────────────────────────────────────────

interface Reference {
  readonly target: string;
  readonly attribute?: string;
}

function referenceFaults(template: Template): string[] {
  return [...Object.entries(template.Resources), ...Object.entries(template.Outputs ?? {})].flatMap(([id, value]) =>
    [...referencesIn(value), ...dependencies(value)].flatMap(({ target, attribute }) => {
      const resource = Object.hasOwn(template.Resources, target) ? template.Resources[target] : undefined;
      if (resource === undefined) return [`${id}: there is no resource ${target}`];
      const attributes = attribute === undefined ? undefined : findResource(resource.Type)?.attributes;
      return attributes === undefined || Object.hasOwn(attributes, attribute!) ? [] : [`${id}: ${target} has no attribute ${attribute}`];
    }),
  );
}

function dependencies(value: unknown): Reference[] {
  return isObject(value) ? [value['DependsOn'] ?? []].flat().map((target) => ({ target: String(target) })) : [];
}

function referencesIn(value: unknown): Reference[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, part]) => {
    if (key === 'Ref') return toReference(String(part));
    if (key === 'Fn::GetAtt') return toReference([part].flat().join('.'));
    if (key === 'Fn::Sub') return substitutions(part);
    return referencesIn(part);
  });
}

function substitutions(value: unknown): Reference[] {
  const [text, given] = [value].flat() as [string, Record<string, unknown>?];
  const names = [...text.matchAll(/\$\{([^!}][^}]*)\}/g)].map((match) => match[1]!).filter((name) => !Object.hasOwn(given ?? {}, name));
  return [...names.flatMap(toReference), ...referencesIn(given)];
}

/** `AWS::Region` and its like are always there. */
function toReference(path: string): Reference[] {
  if (path.startsWith('AWS::')) return [];
  const [target = '', ...attribute] = path.split('.');
  return [attribute.length === 0 ? { target } : { target, attribute: attribute.join('.') }];
}

function circleFaults(template: Template): string[] {
  const done = new Set<string>();
  const faults: string[] = [];
  const visit = (id: string, path: readonly string[]): void => {
    if (path.includes(id)) faults.push(`${id}: depends on itself, by ${[...path.slice(path.indexOf(id)), id].join(' → ')}`);
    if (done.has(id)) return;
    done.add(id);
    const resource = template.Resources[id];
    for (const { target } of [...referencesIn(resource), ...dependencies(resource)]) visit(target, [...path, id]);
  };
  for (const id of Object.keys(template.Resources)) visit(id, []);
  return faults;
}
