/** Whose requests they are: given, fetched by a function, or out of the environment. Never in an error, never in a log. */

import type { Clock } from '../../clock.ts';
import { ImproperlyConfigured } from '../../errors.ts';
import { readVariable } from './environment.ts';

export interface SqsFetchCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined;
  /** When they end, if they do. */
  readonly expiration?: Date | undefined;
}

/** Gives credentials, at once or later. A provider of the AWS SDK is one. */
export type SqsFetchCredentialProvider = () => SqsFetchCredentials | Promise<SqsFetchCredentials>;

export interface CredentialSource {
  /** Kept from one request to the next. Throws ImproperlyConfigured, or what a provider throws. */
  current(): SqsFetchCredentials | Promise<SqsFetchCredentials>;
  /** Fetched anew, in the place of those that SQS takes for expired. @returns whether they are others now */
  renew(expired: SqsFetchCredentials): Promise<boolean>;
}

/** Fetched again so long before they end, as the SDK does. */
const AHEAD_MS = 5 * 60_000;

/** Header values, and no more: a line break that was copied along would show up in an error of HTTP's, with the secret. */
const VISIBLE = /^[\x21-\x7e]+$/;

export function createCredentialSource(
  given: SqsFetchCredentials | SqsFetchCredentialProvider | undefined,
  clock: Clock,
): CredentialSource {
  if (typeof given === 'object') {
    const credentials = checked(given, '`credentials`');
    return { current: () => credentials, renew: async () => false };
  }
  const fetchThem = given === undefined ? fromEnvironment : async () => checked(await given(), 'The function `credentials`');
  let last: SqsFetchCredentials | undefined;
  let coming: Promise<SqsFetchCredentials> | undefined;

  const isFresh = ({ expiration }: SqsFetchCredentials): boolean =>
    expiration === undefined || expiration.getTime() - AHEAD_MS > clock.now();

  const fetchAndKeep = async (): Promise<SqsFetchCredentials> => {
    last = await fetchThem();
    return last;
  };

  const fetched = (): Promise<SqsFetchCredentials> => {
    coming ??= fetchAndKeep().finally(() => {
      coming = undefined;
    });
    return coming;
  };

  const current = (): SqsFetchCredentials | Promise<SqsFetchCredentials> => (last !== undefined && isFresh(last) ? last : fetched());

  return {
    current,
    async renew(expired) {
      // Another request may have fetched them already.
      if (last === expired) last = undefined;
      const { accessKeyId, sessionToken } = await current();
      return accessKeyId !== expired.accessKeyId || sessionToken !== expired.sessionToken;
    },
  };
}

function fromEnvironment(): SqsFetchCredentials {
  const accessKeyId = readVariable('AWS_ACCESS_KEY_ID');
  const secretAccessKey = readVariable('AWS_SECRET_ACCESS_KEY');
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new ImproperlyConfigured(
      'No AWS credentials are known; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), or give createSqsFetchTransport `credentials`: keys, or a function that gives them, like a provider of the AWS SDK.',
    );
  }
  return checked({ accessKeyId, secretAccessKey, sessionToken: readVariable('AWS_SESSION_TOKEN') }, 'The environment');
}

/** Says which part is not as it must be, and not what it is. */
function checked(credentials: SqsFetchCredentials, source: string): SqsFetchCredentials {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials ?? {};
  const wrong = Object.entries({ accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }).find(
    ([, value]) => typeof value !== 'string' || !VISIBLE.test(value),
  );
  if (wrong !== undefined) {
    throw new ImproperlyConfigured(`${source} gave no usable ${wrong[0]}; expected a text of visible ASCII characters, without blanks.`);
  }
  if (expiration !== undefined && Number.isNaN(new Date(expiration).getTime())) {
    throw new ImproperlyConfigured(`${source} gave an expiration that is no date; expected a Date.`);
  }
  return { accessKeyId, secretAccessKey, sessionToken, expiration: expiration && new Date(expiration) };
}
