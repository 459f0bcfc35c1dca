/** Whatever is answered, nothing but receipts, deliveries and errors of our tree come out. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import { isCeleryError } from '../../../../src/errors.ts';
import { openParts, type SqsParts } from '../../../../src/transports/sqs/parts.ts';
import { createCaller } from '../../../../src/transports/sqs-fetch/caller.ts';
import { createCredentialSource } from '../../../../src/transports/sqs-fetch/credentials.ts';
import { createJsonApi } from '../../../../src/transports/sqs-fetch/json-api.ts';
import { resolvePlace } from '../../../../src/transports/sqs-fetch/place.ts';
import { type Canned, fakeHttp } from './fake-http.ts';

function partsAnswered(answer: Canned): SqsParts {
  const call = createCaller({
    place: resolvePlace({ region: 'us-east-1', endpoint: 'http://sqs.test' }),
    credentials: createCredentialSource({ accessKeyId: 'a', secretAccessKey: 'b' }, systemClock),
    signer: { sign: () => 'signed' },
    http: fakeHttp(answer),
    clock: systemClock,
    maxAttempts: 1,
  });
  return openParts(
    createJsonApi(call, () => {}),
    { queues: { jobs: 'http://sqs.test/1/jobs' } },
    systemClock,
  );
}

const noise = fc.oneof(fc.jsonValue(), fc.string(), fc.constant(null));
const entry = fc.record(
  { Id: fc.oneof(fc.constantFrom('0', '1', '2'), noise), MessageId: noise, SenderFault: noise, Code: noise, Message: noise },
  { requiredKeys: [] },
);
const attribute = fc.record({ DataType: noise, StringValue: noise, BinaryValue: noise }, { requiredKeys: [] });
const message = fc.record(
  {
    MessageId: noise,
    Body: noise,
    ReceiptHandle: noise,
    Attributes: noise,
    MessageAttributes: fc.oneof(noise, fc.dictionary(fc.string(), fc.oneof(noise, attribute))),
  },
  { requiredKeys: [] },
);
const fields = fc.record(
  {
    Successful: fc.oneof(noise, fc.array(fc.oneof(entry, noise))),
    Failed: fc.oneof(noise, fc.array(fc.oneof(entry, noise))),
    Messages: fc.oneof(noise, fc.array(fc.oneof(message, noise))),
    __type: noise,
    message: noise,
  },
  { requiredKeys: [] },
);
const answers = fc.record({
  status: fc.constantFrom(200, 204, 302, 400, 403, 429, 500, 503),
  text: fc.oneof(
    fields.map((value) => JSON.stringify(value)),
    fields.map((value) => JSON.stringify(value).slice(0, -1)),
    fc.string(),
  ),
  headers: fc.dictionary(fc.constantFrom('date', 'x-amzn-query-error', 'x-amzn-errortype', 'content-type'), fc.string()),
});

it('each message has a receipt', async () => {
  await fc.assert(
    fc.asyncProperty(answers, async (answer) => {
      const receipts = await partsAnswered(answer).send(['a', 'b'].map((id) => ({ queue: 'jobs', id, body: id })));
      expect(receipts).toHaveLength(2);
      for (const receipt of receipts) expect(receipt.ok ? typeof receipt.messageId === 'string' : isCeleryError(receipt.error)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

it('a receive gives deliveries, or an error of ours', async () => {
  await fc.assert(
    fc.asyncProperty(answers, async (answer) => {
      try {
        for (const { queue, body } of await partsAnswered(answer).inbox.receive('jobs')) {
          expect([queue, typeof body]).toEqual(['jobs', 'string']);
        }
      } catch (error) {
        if (!isCeleryError(error)) throw error;
      }
    }),
    { numRuns: 500 },
  );
});
