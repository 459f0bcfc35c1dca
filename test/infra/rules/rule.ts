/** What a rule over the packaged template is, and how rules read it. */

import { isDeepStrictEqual } from 'node:util';
import { type Resource, resourcesOf, type Template } from '../../support/template.ts';
import { type Attribute, type Properties, propertiesOf } from '../../support/template-properties.ts';

export interface Rule {
  /** What is true where the rule is kept. */
  readonly name: string;
  /** Everything against it, each finding as `where: what`; empty where it is kept. */
  check(template: Template): readonly string[];
}

type Fault = string | false | undefined;

/** A check of each resource of a type, and that there is one. */
export function each(type: string, fault: (properties: Properties, id: string, template: Template) => Fault): Rule['check'] {
  return (template) => {
    const found = [...resourcesOf(template, type)];
    if (found.length === 0) return [`there is no ${type}`];
    return found.flatMap(([id, resource]) => finding(id, fault(propertiesOf(resource), id, template)));
  };
}

export const finding = (where: string, what: Fault): string[] => (what ? [`${where}: ${what}`] : []);

export const same = isDeepStrictEqual;
export const arnOf = (id: string): unknown => ({ 'Fn::GetAtt': [id, 'Arn'] });
/** A resource that is spelled out as a Fn::GetAtt or a Ref. */
export const targetOf = (value: unknown): string => (value as Attribute)?.['Fn::GetAtt']?.[0] ?? (value as { Ref?: string })?.Ref ?? '';
export const resourceAt = (template: Template, value: unknown): Resource | undefined => template.Resources[targetOf(value)];
export const propertiesAt = (template: Template, value: unknown): Properties => propertiesOf(resourceAt(template, value)) ?? {};

/** A property that the tests read of no other resource. */
export const property = (resource: Resource | undefined, name: string): unknown => resource?.Properties?.[name];
export const variablesOf = ({ Environment }: Properties): Readonly<Record<string, unknown>> => Environment?.Variables ?? {};
