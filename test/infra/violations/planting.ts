/** How a violation of a rule is planted in the packaged template. */

import type { Template } from '../../support/template.ts';

export interface Violation {
  /** The rule's name. */
  readonly breaks: string;
  /** What the template has then. */
  readonly what: string;
  plant(template: Template): void;
  readonly found: readonly string[];
}

export type Loose = Record<string, unknown>;

/** The object at a path like `WorkerRole.Properties.Policies.0`, below the resources. */
export function at(template: Template, path: string): Loose {
  const found = path.split('.').reduce<unknown>((value, key) => (value as Loose)[key], template.Resources);
  if (typeof found !== 'object' || found === null) throw new Error(`The template has nothing at ${path}.`);
  return found as Loose;
}

const split = (path: string): [parent: string, key: string] => [
  path.slice(0, path.lastIndexOf('.')),
  path.slice(path.lastIndexOf('.') + 1),
];

export const set =
  (...values: readonly [path: string, value: unknown][]) =>
  (template: Template): void => {
    for (const [path, value] of values) {
      const [parent, key] = split(path);
      at(template, parent)[key] = value;
    }
  };

export const drop =
  (...paths: readonly string[]) =>
  (template: Template): void => {
    for (const path of paths) {
      const [parent, key] = split(path);
      if (!Object.hasOwn(at(template, parent), key)) throw new Error(`The template has nothing at ${path}.`);
      delete at(template, parent)[key];
    }
  };

export const add = (id: string, type: string, properties: Loose) => (template: Template) =>
  Object.assign(template.Resources, { [id]: { Type: type, Properties: properties } });
export const remove = (id: string) => (template: Template) => {
  if (!Object.hasOwn(template.Resources, id)) throw new Error(`The template has no ${id}.`);
  delete (template.Resources as Loose)[id];
};
export const both = (first: (template: Template) => unknown, second: (template: Template) => unknown) => (template: Template) => {
  first(template);
  second(template);
};

export const violation = (
  breaks: string,
  what: string,
  plant: (template: Template) => unknown,
  ...found: readonly string[]
): Violation => ({
  breaks,
  what,
  plant,
  found,
});

export const MAPPING = 'WorkerEventSourceMappingSQSCeleryQueue';
export const WORKER = 'WorkerLambdaFunction';
export const READER = 'DeadLetterLambdaFunction';
export const env = (id: string, name: string) => `${id}.Properties.Environment.Variables.${name}`;
export const statements = (role: string) => `${role}.Properties.Policies.0.PolicyDocument.Statement`;
/** What Fn::GetAtt of an ARN is. */
export const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

/** The queue and all that depends on its type, as FIFO. */
export const asFifo = set(
  ['CeleryQueue.Properties.FifoQueue', true],
  ['DeadLetterQueue.Properties.FifoQueue', true],
  ['CeleryQueue.Properties.RedrivePolicy.maxReceiveCount', 10],
  [env(READER, 'MAX_RECEIVE_COUNT'), '10'],
  ['InFlightAlarm.Properties.Threshold', 16_000],
);
