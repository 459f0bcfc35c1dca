/** What functions have to be, what they are told, and who may call them. */

import { resourcesOf } from '../../support/template.ts';
import { propertiesOf } from '../../support/template-properties.ts';
import { each, finding, type Rule, resourceAt, targetOf, variablesOf } from './rule.ts';

const FUNCTION = 'AWS::Lambda::Function';

/** A name that asks for a secret; where the secret is kept may be told. */
const SECRET_NAME = /SECRET|PASSWORD|PASSPHRASE|TOKEN|CREDENTIAL|PRIVATE|(^|_)KEYS?(_|$)|API_?KEY/i;
const PLACE_NAME = /_(ARN|ID|NAME|PATH)$/i;
/** An access key, a PEM, a value that CloudFormation resolves to a secret, or as many random characters as a key has. */
const SECRET_VALUE = /\b(AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN|\{\{resolve:|^[A-Za-z0-9+/=_-]{32,}$/;

export const functionRules: readonly Rule[] = [
  {
    name: 'the functions run on Node 24 and arm64',
    check: each(
      FUNCTION,
      ({ Runtime, Architectures }) => `${Runtime} ${Architectures}` !== 'nodejs24.x arm64' && `runs on ${Runtime} ${Architectures}`,
    ),
  },
  {
    name: 'a function that sends to the queue it works off may do so as often as it needs',
    check: (template) =>
      [...resourcesOf(template, 'AWS::Lambda::EventSourceMapping').values()].flatMap((mapping) => {
        const { FunctionName } = propertiesOf(mapping);
        const loops = resourceAt(template, FunctionName)?.Properties?.['RecursiveLoop'];
        return finding(targetOf(FunctionName), loops !== 'Allow' && 'is stopped after about sixteen times');
      }),
  },
  {
    name: 'nobody sends over HTTP who does not sign the request',
    check: (template) => [
      ...each('AWS::Lambda::Url', ({ AuthType }) => AuthType !== 'AWS_IAM' && `takes requests with ${AuthType}`)(template),
      ...[...resourcesOf(template, 'AWS::Lambda::Permission')].flatMap(([id, { Properties = {} }]) =>
        finding(id, Properties['Principal'] === '*' && 'lets anyone call'),
      ),
    ],
  },
  {
    name: 'no environment variable holds a secret',
    check: each(FUNCTION, (properties) => {
      const found = Object.entries(variablesOf(properties)).filter(
        ([name, value]) => (SECRET_NAME.test(name) && !PLACE_NAME.test(name)) || SECRET_VALUE.test(typeof value === 'string' ? value : ''),
      );
      return found.length > 0 && `${found.map(([name]) => name)} may be one`;
    }),
  },
  {
    name: 'a function’s log ends after thirty days',
    check: each(FUNCTION, ({ FunctionName }, _id, template) => {
      const groups = [...resourcesOf(template, 'AWS::Logs::LogGroup').values()].map(propertiesOf);
      const group = groups.find(({ LogGroupName }) => LogGroupName === `/aws/lambda/${FunctionName}`);
      return group?.RetentionInDays !== 30 && `its log is kept ${group?.RetentionInDays ?? 'for no'} days`;
    }),
  },
];
