/** Tasks whose arguments are too large for SQS. */

// #region connect
import { createS3LargeMessages } from 'celeriac/large-messages/s3';
import { createSqsTransport } from 'celeriac/transports/sqs';
import { app } from './tasks.ts';

app.connect({
  transport: createSqsTransport({ region: 'eu-central-1' }),
  largeMessages: createS3LargeMessages({ bucket: 'shop-large-messages', region: 'eu-central-1', expectedBucketOwner: '123456789012' }),
});
// #endregion

// #region follow
export const fromJava = createS3LargeMessages({ bucket: 'shop-large-messages', followPrefix: 'from-java/' });
// #endregion
