/** The Worker of docs/edge.md as it stands there, and one that does what that page warns of. SQS in its region is the local one. */

import assert from 'node:assert/strict';
import { type LocalSqs, startLocalSqs } from '../../src/local/index.ts';
import { decodeOuter } from '../../src/wire/index.ts';
import { startWorker } from './hosts.ts';

const AT_ONCE = 40;
const REGION = 'eu-central-1';

async function withSqs(check: (sqs: LocalSqs) => Promise<string>): Promise<string> {
  const sqs = await startLocalSqs({ region: REGION, queues: [{ name: 'celery' }] });
  try {
    return await check(sqs);
  } finally {
    await sqs.close();
  }
}

/** To the local SQS, and nowhere else. */
function toLocal({ endpoint }: LocalSqs): (request: Request) => Promise<Response> {
  return async (request) => {
    assert.equal(request.url, `https://sqs.${REGION}.amazonaws.com/`);
    assert.match(
      request.headers.get('authorization') ?? '',
      /^AWS4-HMAC-SHA256 Credential=local\/\d{8}\/eu-central-1\/sqs\/aws4_request, /,
    );
    return await fetch(endpoint, { method: 'POST', headers: [...request.headers], body: await request.text() });
  };
}

/** Many requests at once, as an isolate gets them. */
export const checkExample = (runtimes: string, script: string): Promise<string> =>
  withSqs(async (sqs) => {
    const bindings = { QUEUE_URL: sqs.queueUrl('celery'), AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
    const worker = startWorker(runtimes, { script, bindings, outboundService: toLocal(sqs) });
    try {
      const answers = await Promise.all(
        Array.from({ length: AT_ONCE }, async (_, index) => {
          const answer = await worker.dispatchFetch('http://edge.test/', { method: 'POST', body: `${index}.png` });
          const text = await answer.text();
          assert.equal(answer.status, 202, text);
          return (JSON.parse(text) as { readonly id: string }).id;
        }),
      );
      const messages = (await sqs.peek('celery')).map(({ body }) => decodeOuter(body));
      assert.equal(messages.length, AT_ONCE);
      for (const id of answers) assert.ok(messages.some((message) => message.includes(id)));
      return `${AT_ONCE} requests at once, ${messages.length} messages`;
    } finally {
      await worker.dispose();
    }
  });

export const checkShared = (runtimes: string, script: string): Promise<string> =>
  withSqs(async (sqs) => {
    const worker = startWorker(runtimes, { script, bindings: {}, outboundService: toLocal(sqs) });
    try {
      const answers: string[] = [];
      for (let count = 0; count < 3; count++) answers.push(await (await worker.dispatchFetch('http://edge.test/')).text());
      assert.deepEqual(answers, ['sent', 'ImproperlyConfigured', 'ImproperlyConfigured']);
      return answers.join(', ');
    } finally {
      await worker.dispose();
    }
  });
