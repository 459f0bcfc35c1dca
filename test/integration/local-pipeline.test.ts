import { afterEach, expect, it, vi } from 'vitest';
import { createEventSourceMapping, type MappingEvent, startLambda, startLocalSqs } from '../../src/local/index.ts';
import { createSqsCalls } from '../../src/local/sqs-calls.ts';
import { writeBundle } from '../support/lambda-bundle.ts';
import { runtimesUnderTest } from '../support/ric.ts';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Reports what is told to fail; the body says how: `ok`, `once` (fails at its first receive), `poison` (always), `crash` (once, with the process). */
const HANDLER = `export const handler = async ({ Records }) => {
  const failing = Records.filter(({ body, attributes }) => {
    const first = attributes.ApproximateReceiveCount === '1';
    if (body.startsWith('crash') && first) process.exit(1);
    return body.startsWith('poison') || (body.startsWith('once') && first);
  });
  return { batchItemFailures: failing.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};`;

const bodies = Array.from({ length: 200 }, (_, n) => {
  if (n === 77) return 'poison';
  if (n === 120) return 'crash';
  return n % 10 === 3 ? `once-${n}` : `ok-${n}`;
});

it.each(runtimesUnderTest())(
  'two hundred messages, some failing once, one crashing, one poison: all accounted for, under %s',
  async (_, runtime) => {
    const bundle = await writeBundle(HANDLER);
    closing.push(() => bundle.remove());
    const sqs = await startLocalSqs({
      queues: [{ name: 'celery', visibilityTimeoutSeconds: 1, redrive: { deadLetterQueue: 'dead', maxReceiveCount: 3 } }, { name: 'dead' }],
    });
    closing.push(() => sqs.close());
    const lambda = await startLambda({ bundleDir: bundle.bundleDir, handler: 'worker.handler', ...runtime });
    closing.push(() => lambda.close());
    const sent = new Map<string, string>();
    for (const MessageBody of bodies) {
      const { MessageId } = (await createSqsCalls(sqs).call('SendMessage', { QueueUrl: sqs.queueUrl('celery'), MessageBody })) as {
        MessageId: string;
      };
      sent.set(MessageId, MessageBody);
    }
    const seen: MappingEvent[] = [];
    const mapping = createEventSourceMapping({
      sqs,
      queue: 'celery',
      maximumConcurrency: 3,
      functionResponseType: 'ReportBatchItemFailures',
      invoke: lambda.invoke,
      observe: (event) => seen.push(event),
    });
    closing.push(() => mapping.close());
    await vi.waitFor(
      async () => {
        expect(await sqs.depth('celery')).toEqual({ ready: 0, delayed: 0, inFlight: 0 });
        expect(await sqs.depth('dead')).toMatchObject({ ready: 1 });
      },
      { timeout: 10_000 },
    );
    await mapping.close();

    const deleted = seen.filter((event) => event.kind === 'deleted').map((event) => sent.get(event.messageId));
    const returned = seen.filter((event) => event.kind === 'returned').map((event) => sent.get(event.messageId));
    const received = seen.filter((event) => event.kind === 'received');
    expect(deleted.toSorted()).toEqual(bodies.filter((body) => body !== 'poison').toSorted());
    expect((await sqs.peek('dead')).map((message) => message.body)).toEqual(['poison']);
    expect(received).toHaveLength(deleted.length + returned.length);
    expect(returned.filter((body) => body === 'poison')).toHaveLength(3);
    expect(returned).toContain('crash');
    expect(lambda.runtime).toBe(runtime.runtime);
    expect(lambda.coldStarts()).toBeLessThanOrEqual(4);
  },
  12_000,
);
