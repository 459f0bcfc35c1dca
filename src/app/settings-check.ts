/** Reads the settings a user gave: every name known, every value of its kind, once. What is wrong is ImproperlyConfigured. */

import { ImproperlyConfigured } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';

interface Rule {
  readonly expects: string;
  readonly holds: (value: unknown) => boolean;
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isSeconds = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value > 0;
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

const text: Rule = { expects: 'a text', holds: isText };
const flag: Rule = { expects: 'true or false', holds: (value) => typeof value === 'boolean' };
const list: Rule = { expects: 'an array', holds: Array.isArray };
const texts: Rule = { expects: 'an array of texts', holds: (value) => Array.isArray(value) && value.every(isText) };
const nullOr = (rule: Rule): Rule => ({ expects: `${rule.expects}, or null`, holds: (value) => value === null || rule.holds(value) });
const seconds: Rule = { expects: 'a number of seconds above 0', holds: isSeconds };
const oneOf = (...values: readonly unknown[]): Rule => ({ expects: values.join(' or '), holds: (value) => values.includes(value) });

/** Of every setting that is not simply true or false, which its default tells. */
const RULES: { readonly [K in keyof Settings as Settings[K] extends boolean ? never : K]: Rule } = {
  taskSerializer: text,
  acceptContent: texts,
  codecs: list,
  compressions: list,
  taskProtocol: oneOf(2, 1),
  taskCompression: nullOr(text),
  taskDefaultQueue: text,
  taskDefaultPriority: nullOr({ expects: 'an integer', holds: Number.isInteger }),
  taskPriorityQueues: { expects: 'an object of queue names to { priority: queue name }', holds: isPriorityQueues },
  taskDefaultDeliveryMode: oneOf(2, 1),
  taskRoutes: {
    expects: 'an object, an array or a function',
    holds: (value) => typeof value === 'function' || (typeof value === 'object' && value !== null),
  },
  taskPublishRetryPolicy: {
    expects: 'an object of maxRetries, intervalStart, intervalStep, intervalMax',
    holds: isRetryPolicy,
  },
  taskTimeLimit: nullOr(seconds),
  taskSoftTimeLimit: nullOr(seconds),
  taskIdempotent: { expects: 'true, false or an object of remember and skew, in seconds', holds: isIdempotent },
  taskArgsrepr: oneOf('values', 'types'),
  taskDeadLetterQueue: nullOr(text),
  onUnknownTask: {
    expects: 'retry, deadletter, discard or a function',
    holds: (value) => typeof value === 'function' || value === 'retry' || value === 'deadletter' || value === 'discard',
  },
  resultErrorLength: { expects: 'an integer above 0', holds: (value) => Number.isInteger(value) && (value as number) > 0 },
  resultExpires: nullOr(seconds),
  resultChordRetryInterval: seconds,
  deadLetterQueue: nullOr(text),
  brokerTransportOptions: {
    expects: 'an object of sqsBase64Encoding, bodyEncoding, backoffPolicy, backoffTasks',
    holds: isBrokerTransportOptions,
  },
};

function isIdempotent(value: unknown): boolean {
  if (typeof value === 'boolean') return true;
  if (!isObject(value)) return false;
  return Object.entries(value as object).every(
    ([name, part]) => (name === 'remember' && isSeconds(part)) || (name === 'skew' && (part === 0 || isSeconds(part))),
  );
}

function isRetryPolicy(value: unknown): boolean {
  if (!isObject(value)) return false;
  return Object.entries(value as object).every(([name, part]) => {
    if (name === 'maxRetries') return part === null || (Number.isInteger(part) && part >= 0);
    return ['intervalStart', 'intervalStep', 'intervalMax'].includes(name) && typeof part === 'number' && part >= 0;
  });
}

function isPriorityQueues(value: unknown): boolean {
  if (!isObject(value)) return false;
  return Object.values(value as object).every(
    (levels) => isObject(levels) && Object.entries(levels as object).every(([from, queue]) => /^\d+$/.test(from) && isText(queue)),
  );
}

const BROKER_OPTIONS: ReadonlyMap<string, (part: unknown) => boolean> = new Map([
  ['sqsBase64Encoding', (part: unknown) => typeof part === 'boolean'],
  ['bodyEncoding', (part: unknown) => part === null || part === 'base64'],
  ['backoffPolicy', (part: unknown) => isObject(part) && Object.entries(part as object).every(isBackoffStep)],
  ['backoffTasks', (part: unknown) => Array.isArray(part) && part.every(isText)],
]);

const isBackoffStep = ([receives, seconds]: [string, unknown]): boolean =>
  /^[1-9]\d*$/.test(receives) && Number.isInteger(seconds) && (seconds as number) >= 0 && (seconds as number) <= 43_200;

function isBrokerTransportOptions(value: unknown): boolean {
  if (!isObject(value)) return false;
  return Object.entries(value as object).every(([name, part]) => BROKER_OPTIONS.get(name)?.(part) === true);
}

const NOT_EAGER = 'connect the eager transport of celeriac/testing instead';
const NO_EXCHANGES = 'SQS has queues and no exchanges';
const IN_UTC = 'times are always written in UTC';

/** Families of Celery's settings that mean nothing on SQS and Lambda, by prefix, with the reason. */
const NOT_HERE: readonly (readonly [prefix: string, reason: string])[] = [
  ['worker', 'Lambda starts and stops workers; concurrency belongs to createHandler and to the event source mapping'],
  ['broker', 'there is no broker connection: the transport is given to app.connect'],
  ['beat', 'schedules are EventBridge rules'],
  ['control', 'SQS carries no remote control'],
  ['event', 'SQS carries no monitoring events'],
  ['taskAlwaysEager', NOT_EAGER],
  ['taskEager', NOT_EAGER],
  ['taskStoreEager', NOT_EAGER],
  ['taskCreateMissingQueues', 'queues are created by the infrastructure'],
  ['taskQueue', 'queues are created by the infrastructure; their URLs may be given to createSqsTransport'],
  ['taskDefaultExchange', NO_EXCHANGES],
  ['taskDefaultRoutingKey', NO_EXCHANGES],
  ['resultBackend', 'the backend is given to app.connect'],
  ['redis', 'stores are configured where they are created'],
  ['enableUtc', IN_UTC],
  ['timezone', IN_UTC],
];

/** Defaults with the user's settings over them. @throws ImproperlyConfigured naming the setting, what was found and what was expected. */
export function checkSettings(given: Partial<Settings>): Settings {
  const settings: Record<string, unknown> = { ...DEFAULT_SETTINGS };
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULT_SETTINGS, name)) throw unknownSetting(name);
    const rule = Object.hasOwn(RULES, name) ? RULES[name as keyof typeof RULES] : flag;
    if (value === undefined) continue;
    if (!rule.holds(value)) throw new ImproperlyConfigured(`The setting ${name} is ${describe(value)}; expected ${rule.expects}.`);
    settings[name] = value;
  }
  return Object.freeze(settings) as unknown as Settings;
}

function unknownSetting(name: string): ImproperlyConfigured {
  const hint = nearest(name, Object.keys(DEFAULT_SETTINGS));
  if (hint !== '') return new ImproperlyConfigured(`There is no setting '${name}'${hint}.`);
  const elsewhere = NOT_HERE.find(([prefix]) => name.replaceAll('_', '').toLowerCase().startsWith(prefix.toLowerCase()));
  if (elsewhere !== undefined) return new ImproperlyConfigured(`The setting '${name}' has no meaning on SQS and Lambda: ${elsewhere[1]}.`);
  return new ImproperlyConfigured(`There is no setting '${name}'. The settings are: ${Object.keys(DEFAULT_SETTINGS).join(', ')}.`);
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
