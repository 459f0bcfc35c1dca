/**
 * Calls of tasks on their way, imported with the first one: each has a place in the room or waits for one, and all are counted, so that
 * they can be waited for.
 */

import type { SignatureCall, SignatureSender } from '../canvas/signature.ts';
import { AsyncResult } from '../results/async-result.ts';
import type { GroupResult } from '../results/group-result.ts';
import type { ResultSource } from '../results/result-base.ts';
import type { SignatureData } from '../wire/message.ts';
import type { Connected } from './connection.ts';
import { type CurrentRun, currentRun, runWithin } from './current.ts';
import type { Call } from './message-fields.ts';
import type { TaskDefaults } from './options.ts';
import type { Publisher } from './publisher.ts';
import type { Registry } from './registry.ts';
import { Room } from './room.ts';
import type { Settings } from './settings.ts';
import type { Signals } from './signals.ts';
import { type Round, UnderWay } from './under-way.ts';

export interface TaskSenderParts {
  readonly settings: Settings;
  readonly registry: Registry;
  readonly signals: Signals;
  readonly publisher: Publisher;
  readonly connected: () => Connected;
  readonly source: () => ResultSource;
}

export interface LoadedSender {
  send(call: Call): Promise<AsyncResult>;
  readonly sendSignature: SignatureSender['send'];
  /** Counts as under way until it has ended. */
  within<T>(work: () => Promise<T>): Promise<T>;
  /** Imports what sends canvases: from then on no kind of call overtakes another. */
  loadCanvas(): Promise<void>;
  /** Resolves once all that was sent until now has ended; undefined when there is nothing. */
  flushed(): Promise<void> | undefined;
}

type SendCanvas = typeof import('./canvas.ts')['sendCanvas'];

/** A call that has no place yet: as little as can be kept of it. */
interface Waiting {
  readonly call: Call;
  readonly run: CurrentRun | undefined;
  readonly round: Round;
  readonly resolve: (ended: Promise<AsyncResult>) => void;
}

export function createTaskSender(parts: TaskSenderParts): LoadedSender {
  const { settings, registry, signals, publisher, connected, source } = parts;
  const underWay = new UnderWay();
  const room = new Room<Waiting>(({ call, run, round, resolve }) => resolve(runWithin(run, () => sendNow(call, round))));

  const isIgnored = (said: unknown, defaults: TaskDefaults | undefined): boolean =>
    (said ?? defaults?.ignoreResult ?? (defaults !== undefined && settings.taskIgnoreResult)) === true;

  /** Has a place in the room. */
  const sendNow = async (call: Call, round: Round): Promise<AsyncResult> => {
    let characters = 0;
    const onWritten = (written: number): void => {
      room.fill(written);
      characters += written;
    };
    try {
      const task = registry.get(call.name);
      const id = task?.unique
        ? await (await import('./unique.ts')).sendUnique({ ...call, task }, connected(), (options) =>
            publisher.publish({ ...call, options }, onWritten),
          )
        : await publisher.publish(call, onWritten);
      return new AsyncResult(id, source, { ignored: isIgnored(call.options.ignoreResult, call.defaults) });
    } finally {
      room.leave(characters);
      underWay.end(round);
    }
  };

  let sendCanvas: SendCanvas | undefined;
  return {
    async within(work) {
      const round = underWay.begin();
      try {
        return await work();
      } finally {
        underWay.end(round);
      }
    },
    async loadCanvas() {
      sendCanvas ??= (await import('./canvas.ts')).sendCanvas;
    },
    send(call) {
      const round = underWay.begin();
      // Observers may send themselves, and would wait for the place of the call that waits for them.
      const isObserved = signals.has('beforeTaskPublish') || signals.has('afterTaskPublish');
      if (room.enter(isObserved)) return sendNow(call, round);
      const run = currentRun();
      return new Promise((resolve) => room.wait({ call, run, round, resolve }));
    },
    async sendSignature(data: SignatureData, call: SignatureCall): Promise<AsyncResult | GroupResult> {
      const defaults = registry.get(data.task)?.defaults;
      if (isPlain(data, call) && !registry.get(data.task)?.unique) {
        return await this.send({ name: data.task, args: data.args, kwargs: data.kwargs, options: {}, defaults });
      }
      return await this.within(async () => {
        sendCanvas ??= (await import('./canvas.ts')).sendCanvas;
        const ignores = (task: string, said: unknown) => isIgnored(said, registry.get(task)?.defaults);
        return await sendCanvas(data, call, { settings, publisher, source, ignores });
      });
    },
    flushed() {
      const all = underWay.all();
      if (all !== undefined) sendWhatLingers(connected);
      return all;
    },
  };
}

function sendWhatLingers(connected: () => Connected): void {
  try {
    void connected().transport.flush?.();
  } catch {
    // Without a connection nothing is sent, and each call is told so.
  }
}

/** One task, called as it is: there is nothing to plan. */
function isPlain({ subtask_type, options }: SignatureData, call: SignatureCall): boolean {
  return subtask_type === null && call.args.length === 0 && isEmpty(options) && isEmpty(call.options);
}

function isEmpty(object: object): boolean {
  for (const _name in object) return false;
  return true;
}
