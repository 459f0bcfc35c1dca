/** Puts the transport over the SDK together: what is imported when the first message is sent or asked for. */

import type { Clock } from '../../clock.ts';
import { createSqsApi, type SqsClientOptions } from './client.ts';
import type { OutboxOptions } from './outbox.ts';
import { openParts, type SqsParts } from './parts.ts';
import type { QueueOptions } from './queues.ts';

export function openOverSdk(options: SqsClientOptions & QueueOptions & OutboxOptions, clock: Clock): SqsParts {
  return openParts(createSqsApi(options), options, clock);
}
