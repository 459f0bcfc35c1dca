/**
 * Large messages as objects of one S3 bucket. Nothing is ever deleted here: a message may be delivered, retried or redriven again, so
 * its object ends by a rule of the bucket's lifecycle. What is asked of the bucket is s3-bucket.ts, loaded with the first request.
 */

import { ImproperlyConfigured } from '../errors.ts';
import { keptOpen, lateMethods } from '../kept.ts';
import type { LargeMessages } from './large-messages.ts';
import type { S3LargeMessagesOptions } from './s3-bucket.ts';
import { checkSizes, DEFAULT_MAX_BYTES } from './sizes.ts';

export type { S3Client, S3ClientOptions, S3Credentials } from '../backends/s3-objects.ts';
export type { S3LargeMessagesOptions } from './s3-bucket.ts';

const CREATOR = 'createS3LargeMessages';

/**
 * Keeps large messages in S3. Who sends needs s3:PutObject on the prefix; who runs needs s3:GetObject there, s3:PutObject for retries,
 * and s3:ListBucket on the bucket: without it S3 denies what is not there. Nothing is imported or connected before the first request,
 * which rejects with ImproperlyConfigured where `@aws-sdk/client-s3` is missing.
 *
 * @throws ImproperlyConfigured without a bucket, and for a size that is none
 * @example const largeMessages = createS3LargeMessages({ bucket: 'my-large-messages', expectedBucketOwner: '123456789012' });
 */
export function createS3LargeMessages(options: S3LargeMessagesOptions): LargeMessages {
  const { bucket, followPrefix, thresholdBytes, maxBytes = DEFAULT_MAX_BYTES } = options;
  if (typeof bucket !== 'string' || bucket === '') throw new ImproperlyConfigured('createS3LargeMessages needs a bucket.');
  checkSizes(options, CREATOR);
  const { open, close } = keptOpen(async () => (await import('./s3-bucket.ts')).openBucket({ ...options, maxBytes }, CREATOR));
  return {
    maxBytes,
    ...(thresholdBytes !== undefined && { thresholdBytes }),
    ...lateMethods(open, ['put', 'get']),
    ...(followPrefix !== undefined && lateMethods(open, ['follow'])),
    close,
  };
}
