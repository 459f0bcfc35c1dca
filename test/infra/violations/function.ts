/** What breaks the rules of functions. */

import { add, drop, env, READER, set, type Violation, violation, WORKER } from './planting.ts';

export const functionViolations: readonly Violation[] = [
  violation(
    'the functions run on Node 24 and arm64',
    'an old Node',
    set([`${READER}.Properties.Runtime`, 'nodejs20.x']),
    `${READER}: runs on nodejs20.x arm64`,
  ),
  violation(
    'a function that sends to the queue it works off may do so as often as it needs',
    'the default',
    drop(`${WORKER}.Properties.RecursiveLoop`),
    `${WORKER}: is stopped after about sixteen times`,
  ),
  violation(
    'nobody sends over HTTP who does not sign the request',
    'an open URL',
    set(['EnqueueLambdaFunctionUrl.Properties.AuthType', 'NONE']),
    'EnqueueLambdaFunctionUrl: takes requests with NONE',
  ),
  violation(
    'nobody sends over HTTP who does not sign the request',
    'a permission for everyone',
    add('Open', 'AWS::Lambda::Permission', { FunctionName: 'f', Action: 'lambda:InvokeFunctionUrl', Principal: '*' }),
    'Open: lets anyone call',
  ),
  violation(
    'no environment variable holds a secret',
    'a signing key',
    set([env(WORKER, 'SIGNING_KEY'), 'hunter2']),
    `${WORKER}: SIGNING_KEY may be one`,
  ),
  violation(
    'no environment variable holds a secret',
    'an access key under another name',
    set([env(WORKER, 'OLD'), `AKIA${'A'.repeat(16)}`]),
    `${WORKER}: OLD may be one`,
  ),
  violation(
    'no environment variable holds a secret',
    'a secret that CloudFormation fills in',
    set([env(WORKER, 'REDIS'), '{{resolve:secretsmanager:redis}}']),
    `${WORKER}: REDIS may be one`,
  ),
  violation(
    'a function’s log ends after thirty days',
    'a log that never ends',
    drop('WorkerLogGroup.Properties.RetentionInDays'),
    `${WORKER}: its log is kept for no days`,
  ),
];
