/** Where SQS is: region and address, by option, environment, or the partition that the region belongs to. */

import { ImproperlyConfigured } from '../../errors.ts';
import { readVariable } from './environment.ts';

export interface PlaceOptions {
  /** Default: AWS_REGION, else AWS_DEFAULT_REGION. */
  readonly region?: string;
  /** Another address than AWS's, like `http://127.0.0.1:4566`. Default: AWS_ENDPOINT_URL_SQS, else AWS_ENDPOINT_URL, else the region's. */
  readonly endpoint?: string;
}

export interface Place {
  readonly region: string;
  /** The whole address, without a query. */
  readonly url: string;
  readonly isSecure: boolean;
  /** Name and port as the `host` header has them; a scheme's own port is left out. */
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  /** `/`, unless the endpoint has a path. */
  readonly path: string;
}

/** Region prefix to domain; the longer prefix first. What has none is in the commercial partition or in GovCloud. */
const SUFFIXES: readonly (readonly [prefix: string, suffix: string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
];

const VALID_REGION = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Throws ImproperlyConfigured when no region is known, or the address is none. */
export function resolvePlace(options: PlaceOptions): Place {
  const region = options.region ?? readVariable('AWS_REGION', 'AWS_DEFAULT_REGION');
  if (region === undefined) {
    throw new ImproperlyConfigured('No AWS region is known; give createSqsFetchTransport a region, or set AWS_REGION.');
  }
  if (!VALID_REGION.test(region)) {
    throw new ImproperlyConfigured(`The region is ${JSON.stringify(region)}; expected one like 'eu-central-1'.`);
  }
  return at(region, options.endpoint ?? readVariable('AWS_ENDPOINT_URL_SQS', 'AWS_ENDPOINT_URL') ?? endpointOf(region));
}

function endpointOf(region: string): string {
  const suffix = SUFFIXES.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'amazonaws.com';
  return `https://sqs.${region}.${suffix}/`;
}

function at(region: string, endpoint: string): Place {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '') {
    throw new ImproperlyConfigured(
      "The endpoint of createSqsFetchTransport is no address like 'https://host:port/path', without keys or query.",
    );
  }
  const path = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`;
  return {
    region,
    url: url.origin + path,
    isSecure: url.protocol === 'https:',
    host: url.host,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
    path,
  };
}
