/** Puts the lean client together for the runtime it finds itself in: what is imported when the first message is sent or asked for. */

import type { Clock } from '../../clock.ts';
import type { SqsApi } from '../sqs/api.ts';
import type { OutboxOptions } from '../sqs/outbox.ts';
import { openParts, type SqsParts } from '../sqs/parts.ts';
import type { QueueOptions } from '../sqs/queues.ts';
import { createCaller } from './caller.ts';
import { createCredentialSource, type SqsFetchCredentialProvider, type SqsFetchCredentials } from './credentials.ts';
import { createFetchHttp } from './fetch-http.ts';
import { createJsonApi } from './json-api.ts';
import { createNodeHttp } from './node-http.ts';
import { nodeModules } from './node-modules.ts';
import { createNodeSigner } from './node-signer.ts';
import { type PlaceOptions, resolvePlace } from './place.ts';
import { createWebSigner } from './web-signer.ts';

export interface SqsFetchClientOptions extends PlaceOptions {
  /**
   * Keys, or a function that gives them, which is asked again five minutes before their `expiration` and when SQS takes them for
   * expired. Default: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, as Lambda sets them.
   */
  readonly credentials?: SqsFetchCredentials | SqsFetchCredentialProvider;
  /** In the place of node:https, and of the runtime's own. Default: none on Node, elsewhere the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /**
   * Attempts at a request that failed in a way that may pass, with full jitter between them. Default 1: the publisher tries again by
   * `taskPublishRetryPolicy`, the poller by itself, and the two would multiply.
   */
  readonly maxAttempts?: number;
}

/** Throws ImproperlyConfigured without a region. */
export function openLean(options: SqsFetchClientOptions & QueueOptions & OutboxOptions, clock: Clock): SqsParts {
  return openParts(openApi(options, clock), options, clock);
}

function openApi(options: SqsFetchClientOptions, clock: Clock): SqsApi {
  const place = resolvePlace(options);
  const scope = { region: place.region, service: 'sqs' };
  const builtIn = nodeModules();
  const signer = builtIn === undefined ? createWebSigner(globalThis.crypto, scope) : createNodeSigner(builtIn('node:crypto'), scope);
  const http =
    builtIn === undefined || options.fetch !== undefined
      ? createFetchHttp(options.fetch ?? ((...request) => globalThis.fetch(...request)), place, clock)
      : createNodeHttp(builtIn, place, clock);
  const credentials = createCredentialSource(options.credentials, clock);
  const call = createCaller({ place, credentials, signer, http, clock, maxAttempts: options.maxAttempts ?? 1 });
  return createJsonApi(call, () => http.close());
}
