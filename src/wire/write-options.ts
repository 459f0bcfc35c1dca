/** How a task message is written; what it says is in task-fields.ts. */

import type { Compression } from './compression.ts';

export interface WriteOptions {
  /** The outer layer; kombu's transport option `sqs_base64_encoding`. Default true. */
  readonly base64Envelope?: boolean;
  /** The inner layer; null puts the body in as text. Default `base64`. */
  readonly bodyEncoding?: 'base64' | null;
  /** Default 2. */
  readonly taskProtocol?: 1 | 2;
  /** See EncodeOptions. Default false. */
  readonly untagged?: boolean;
  /** Methods beside the built-in ones. */
  readonly compressions?: readonly Compression[];
}
