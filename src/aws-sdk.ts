/** What the clients of AWS have in common, each of which an edge imports late: their configuration, and the import itself. */

import { ImproperlyConfigured } from './errors.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Where a client finds AWS; what is left out the SDK finds by itself. */
export interface AwsPlace {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: AwsCredentials | (() => Promise<AwsCredentials>);
}

/** A connection gone silent is noticed after so long. */
export interface AwsTimeouts {
  readonly connectionMs: number;
  readonly requestMs: number;
}

/** The part of an SDK client's configuration that all have. */
export function toSdkConfig({ region, endpoint, credentials }: AwsPlace, { connectionMs, requestMs }: AwsTimeouts) {
  return {
    requestHandler: { connectionTimeout: connectionMs, requestTimeout: requestMs, throwOnRequestTimeout: true },
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && { credentials }),
  };
}

/** Imports a client's package. Throws ImproperlyConfigured when it is not there. */
export async function importSdk<Sdk>(name: string, load: () => Promise<Sdk>): Promise<Sdk> {
  try {
    return await load();
  } catch (cause) {
    throw new ImproperlyConfigured(`${name} could not be imported; install it beside celeriac.`, { cause });
  }
}

/** Asks a client for its region before its first request. Throws ImproperlyConfigured naming whose it is. */
export async function checkRegion(client: { readonly config: { region(): Promise<unknown> } }, creator: string): Promise<void> {
  await client.config.region().catch((cause: unknown) => {
    throw new ImproperlyConfigured(`No AWS region is known; give ${creator} a region, or set AWS_REGION.`, { cause });
  });
}
