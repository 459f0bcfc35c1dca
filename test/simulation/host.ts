/** What the tasks of one process do to the world around them: they are noted in the book, they take time, they end their process. */

import type { TaskContext } from '../../src/app/context.ts';
import { claimKeyOf } from '../../src/worker/claim-key.ts';
import type { Request } from '../../src/worker/request.ts';
import type { Book, Run } from './book.ts';
import { running } from './globals.ts';
import type { Kernel } from './kernel.ts';
import type { Process } from './process.ts';
import type { Host } from './tasks.ts';

export interface HostOptions {
  readonly kernel: Kernel;
  readonly book: Book;
  readonly process: Process;
  /** Looks at a run as it starts. */
  started(run: Run, self: TaskContext, process: Process): void;
}

const never = new Promise<never>(() => {});

export function createHost({ kernel, book, process, started }: HostOptions): Host {
  const sleep = process.clock.sleep!;
  const begin = (self: TaskContext, args: readonly unknown[]): Run => {
    const { id: taskId, name: task, retries } = self;
    const claimKey = claimKeyOf(self.request as Request, false);
    const invocation = running.getStore()!;
    const run: Run = {
      taskId,
      task,
      retries,
      claimKey,
      args: JSON.stringify(args),
      invocation,
      startMs: kernel.nowMs,
      ended: undefined,
    };
    kernel.note(process.name, `runs ${task} ${retries === 0 ? taskId : `${taskId}/${retries}`}`);
    started(run, self, process);
    invocation.called.add(claimKey);
    book.tasks.get(taskId)?.runs.push(run);
    return run;
  };
  return {
    ran(self, args, body) {
      const run = begin(self, args);
      const end = (how: 'returned' | 'threw') => (): void => {
        run.ended = how;
      };
      try {
        const given = body();
        if (given instanceof Promise) given.then(end('returned'), end('threw'));
        else run.ended = 'returned';
        return given;
      } catch (error) {
        run.ended = 'threw';
        throw error;
      }
    },
    async work({ id, retries }, ms) {
      await process.call('task.run', `${id}/${retries}`, () => undefined);
      await sleep(ms);
    },
    async stall({ id }) {
      process.freeze(`${id} holds it up`);
      await sleep(1);
    },
    die: async (why) => {
      process.kill(why);
      return await never;
    },
  };
}
