import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { createHandler } from '../../../src/lambda/handler.ts';
import { createLambdaContext, createSqsEvent, createSqsRecord } from '../../../src/testing/events.ts';
import type { Outgoing } from '../../../src/transports/transport.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { accepted, createRecordingLogger } from '../../support/recording.ts';

/** A worker whose task sends another and does not wait for it. */
function setUp() {
  const clock = createFakeClock();
  const logger = createRecordingLogger();
  const sent: Outgoing[] = [];
  const answers: (() => void)[] = [];
  let answersItself = true;
  const transport = {
    limits: { messageBytes: 1_048_576, delaySeconds: 900 },
    async send(batch: readonly Outgoing[]) {
      sent.push(...batch);
      if (!answersItself) await new Promise<void>((resolve) => answers.push(resolve));
      return batch.map(accepted);
    },
  };
  const app = createApp('shop', { transport, clock, logger });
  const next = app.task('next', () => null);
  const first = app.task('first', () => void next.delay());
  const event = async () => {
    await first.delay();
    answersItself = false;
    return createSqsEvent([createSqsRecord(sent.pop()!.body)]);
  };
  return { app, clock, logger, event, sent, answers };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('the handler', () => {
  it('answers when what its tasks have sent is accepted, though they did not wait for it', async () => {
    const { app, event, sent, answers, logger } = setUp();
    let answered = false;
    const answer = createHandler(app)(await event(), createLambdaContext(30_000)).then((response) => {
      answered = true;
      return response;
    });
    while (answers.length === 0) await settled();
    await settled();
    expect(sent).toHaveLength(1);
    expect(answered).toBe(false);
    answers[0]!();
    expect(await answer).toEqual({ batchItemFailures: [] });
    expect(logger.lines.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  it('answers in time all the same, and says so', async () => {
    const { app, clock, event, answers, logger } = setUp();
    const answer = createHandler(app)(await event(), createLambdaContext(30_000));
    while (answers.length === 0) await settled();
    await settled();
    await clock.advance(28_500);
    expect(await answer).toEqual({ batchItemFailures: [] });
    expect(logger.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      'sends under way at the end of the invocation, which nobody waited for',
    ]);
  });

  it('leaves itself time to answer, though no reserve was asked for', async () => {
    const { app, clock, event, answers } = setUp();
    let answered = false;
    const answer = createHandler(app, { reserveMs: 0 })(await event(), createLambdaContext(1000)).then((response) => {
      answered = true;
      return response;
    });
    while (answers.length === 0) await settled();
    await settled();
    await clock.advance(900);
    expect(answered).toBe(false);
    await clock.advance(55);
    expect(await answer).toEqual({ batchItemFailures: [] });
  });
});
