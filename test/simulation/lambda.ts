/**
 * Lambda: sandboxes, cold and warm, each with one invocation at a time; what runs too long is ended, what dies answers nothing. A sandbox
 * that stood still is used again, and then goes on where it was as well.
 */

import type { LambdaContext, SqsBatchResponse, SqsEvent } from '../../src/lambda/event.ts';
import type { InvokeResult } from '../../src/local/invocation.ts';
import type { Received } from './aws/index.ts';
import { running } from './globals.ts';
import type { Kernel, Timer } from './kernel.ts';
import type { Invocation, Process } from './process.ts';
import { between, chance, type Random } from './random.ts';

export type Handler = (event: SqsEvent, context: LambdaContext) => Promise<SqsBatchResponse>;

export interface LambdaOptions {
  readonly kernel: Kernel;
  readonly random: Random;
  readonly timeoutMs: number;
  /** A new process with the app in it. */
  start(): { readonly process: Process; readonly handler: Handler };
  newInvocation(process: Process, name: string): Invocation;
  /** What the records are about, for short. */
  nameOf(records: readonly Received[]): string;
  /** A handler has answered: before anyone hears of it. */
  answered(invocation: Invocation): void;
}

export interface Lambda {
  /** Calls back once, with how it ended. */
  invoke(records: readonly Received[], done: (result: InvokeResult, invocation: Invocation | undefined) => void): void;
  readonly counts: { invocations: number; coldStarts: number; timeOuts: number };
  /** Sandboxes that stand still go on: all of them now. */
  thawAll(): void;
  readonly isIdle: boolean;
}

interface Sandbox {
  readonly process: Process;
  readonly handler: Handler;
  isBusy: boolean;
}

/** Between the end of an invocation that took its sandbox with it and Lambda's saying so. */
const NOTICE_MS = 30;
const LONGEST_STILL_MS = 60 * 60_000;

export function createLambda(options: LambdaOptions): Lambda {
  const { kernel, random, timeoutMs } = options;
  const counts = { invocations: 0, coldStarts: 0, timeOuts: 0 };
  const sandboxes = new Set<Sandbox>();
  let busy = 0;

  /** A warm one, or after a while a cold one. */
  const acquire = (use: (sandbox: Sandbox) => void): void => {
    for (const sandbox of sandboxes) {
      if (sandbox.process.state === 'dead') sandboxes.delete(sandbox);
      else if (!sandbox.isBusy) {
        sandbox.isBusy = true;
        use(sandbox);
        return;
      }
    }
    counts.coldStarts += 1;
    const sandbox: Sandbox = { ...options.start(), isBusy: true };
    sandboxes.add(sandbox);
    kernel.after(between(random, 80, 600), () => use(sandbox));
  };

  const run = (sandbox: Sandbox, records: readonly Received[], done: (result: InvokeResult, invocation: Invocation) => void): void => {
    const { process, handler } = sandbox;
    const name = options.nameOf(records);
    const invocation = options.newInvocation(process, name);
    process.invocations.add(invocation);
    const endsMs = kernel.nowMs + timeoutMs;
    invocation.endsMs = endsMs;
    let timer: Timer | undefined;
    const end = (result: InvokeResult): void => {
      if (invocation.abandoned) return;
      invocation.abandoned = true;
      if (timer !== undefined) timer.cancelled = true;
      busy -= 1;
      if (process.state !== 'frozen') {
        sandbox.isBusy = false;
        process.invocations.delete(invocation);
      } else still(sandbox, invocation);
      done(result, invocation);
    };
    const failed = (errorType: string, message: string): void => {
      invocation.disturbances.push(errorType);
      end({ ok: false, errorType, message });
    };
    timer = kernel.after(timeoutMs, () => {
      counts.timeOuts += 1;
      kernel.note(process.name, 'time-out');
      failed('Sandbox.Timedout', 'timed out');
      if (process.state === 'up') process.kill('time-out');
    });
    process.onFrozen = () => {
      if (chance(random, 0.3)) kernel.after(between(random, 100, timeoutMs), () => process.thaw());
    };
    process.onKilled = (why) => void kernel.after(NOTICE_MS, () => failed('Runtime.ExitError', why));
    const context: LambdaContext = { functionName: 'worker', getRemainingTimeInMillis: () => endsMs - kernel.nowMs };
    const answer = (payload: string): void => {
      void process.call('handler.answer', name, () => end({ ok: true, payload }));
    };
    void running.run(invocation, async () => {
      await process.call('handler.start', name, () => undefined);
      try {
        const response = await handler({ Records: records }, context);
        process.deliver(() => {
          options.answered(invocation);
          answer(JSON.stringify(response));
        });
      } catch (error) {
        process.deliver(() => failed(error instanceof Error ? error.name : 'Error', String(error)));
      }
    });
  };

  /** It stood still when its time was up: it goes on when it is used again, or some time. */
  const still = (sandbox: Sandbox, invocation: Invocation): void => {
    const isUsedAgain = chance(random, 0.3);
    const goOn = (): void => {
      sandbox.process.thaw();
      kernel.after(timeoutMs, () => sandbox.process.invocations.delete(invocation));
    };
    if (isUsedAgain) sandbox.isBusy = false;
    kernel.after(between(random, 1000, LONGEST_STILL_MS), () => {
      goOn();
      sandbox.isBusy = sandbox.isBusy && isUsedAgain;
    });
  };

  return {
    counts,
    get isIdle() {
      return busy === 0;
    },
    thawAll() {
      for (const { process } of sandboxes) process.thaw();
    },
    invoke(records, done) {
      counts.invocations += 1;
      busy += 1;
      acquire((sandbox) => {
        sandbox.process.thaw();
        run(sandbox, records, done);
      });
    },
  };
}
