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
  readonly connection: () => Connected | undefined;
  readonly source: () => ResultSource;
}

export interface LoadedSender {
  send(call: Call): Promise<AsyncResult>;
  readonly sendSignature: SignatureSender['send'];
  /** Imports what sends canvases: from then on no kind of call overtakes another. */
  loadCanvas(): Promise<void>;
  /** Counts as under way until it has ended. */
  counted<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves once all that was sent until now has ended; undefined when there is nothing. */
  flushed(): Promise<void> | undefined;
}

type SendCanvas = typeof import('./canvas.ts')['sendCanvas'];

/** What has no place yet. */
type Waiting = WaitingCall | { readonly run: CurrentRun | undefined; readonly enter: () => void };

/** As little as can be kept of a call. */
interface WaitingCall {
  readonly call: Call;
  readonly run: CurrentRun | undefined;
  readonly round: Round;
  readonly resolve: (ended: Promise<AsyncResult>) => void;
}

export function createTaskSender(parts: TaskSenderParts): LoadedSender {
  const { settings, registry, signals, publisher, connected, connection, source } = parts;
  const underWay = new UnderWay();
  const room = new Room<Waiting>((waiting) => {
    if ('enter' in waiting) runWithin(waiting.run, waiting.enter);
    else waiting.resolve(runWithin(waiting.run, () => sendNow(waiting.call, waiting.round)));
  });

  const isIgnored = (said: unknown, defaults: TaskDefaults | undefined): boolean =>
    (said ?? defaults?.ignoreResult ?? (defaults !== undefined && settings.taskIgnoreResult)) === true;

  /** Has a place in the room. */
  const sendNow = (call: Call, round: Round): Promise<AsyncResult> =>
    placed(round, async (onWritten) => {
      const task = registry.get(call.name);
      const id = task?.unique
        ? await (await import('./unique.ts')).sendUnique({ ...call, task }, connected(), (options) =>
            publisher.publish({ ...call, options }, onWritten),
          )
        : await publisher.publish(call, onWritten);
      return new AsyncResult(id, source, { ignored: isIgnored(call.options.ignoreResult, call.defaults) });
    });
  const sendCanvasNow = (data: SignatureData, call: SignatureCall, round: Round): Promise<AsyncResult | GroupResult> =>
    placed(round, async (onWritten) => {
      sendCanvas ??= (await import('./canvas.ts')).sendCanvas;
      const ignores = (task: string, said: unknown) => isIgnored(said, registry.get(task)?.defaults);
      return await sendCanvas(data, call, { settings, publisher, source, ignores, onWritten });
    });
  /** Gives the place back when the work has ended. */
  const placed = async <T>(round: Round, work: (onWritten: (characters: number) => void) => Promise<T>): Promise<T> => {
    let characters = 0;
    try {
      return await work((written) => {
        room.fill(written);
        characters += written;
      });
    } finally {
      room.leave(characters);
      underWay.end(round);
    }
  };
  const runsTasks = (): boolean => connection()?.transport.runsTasks === true;
  const isObserved = (): boolean => signals.has('beforeTaskPublish') || signals.has('afterTaskPublish') || runsTasks();

  const hasten = async (): Promise<void> => await connection()?.transport.flush?.();
  let sendCanvas: SendCanvas | undefined;
  return {
    async loadCanvas() {
      sendCanvas ??= (await import('./canvas.ts')).sendCanvas;
    },
    send(call) {
      const round = underWay.begin();
      // Observers may send themselves, and would wait for the place of the call that waits for them.
      if (room.enter(isObserved())) return sendNow(call, round);
      const run = currentRun();
      return new Promise((resolve) => room.wait({ call, run, round, resolve }));
    },
    async sendSignature(data: SignatureData, call: SignatureCall): Promise<AsyncResult | GroupResult> {
      const task = registry.get(data.task);
      if (isPlain(data, call) && !task?.unique) {
        return await this.send({ name: data.task, args: data.args, kwargs: data.kwargs, options: {}, defaults: task?.defaults });
      }
      const round = underWay.begin();
      // Whoever comes while it is imported waits behind it.
      if (sendCanvas === undefined) {
        room.hold();
        const open = (): void => room.open();
        void this.loadCanvas().then(open, open);
      }
      if (room.enter(isObserved())) return await sendCanvasNow(data, call, round);
      const run = currentRun();
      return await new Promise((resolve) => room.wait({ run, enter: () => resolve(sendCanvasNow(data, call, round)) }));
    },
    async counted(work) {
      const round = underWay.begin();
      try {
        return await work();
      } finally {
        underWay.end(round);
      }
    },
    flushed() {
      // What sends the running task would wait for its own end.
      if (currentRun() !== undefined && runsTasks()) return undefined;
      const all = underWay.all();
      if (all !== undefined) void hasten().catch(() => undefined);
      return all;
    },
  };
}

/** One task, called as it is: there is nothing to plan. */
function isPlain({ subtask_type, options }: SignatureData, call: SignatureCall): boolean {
  return subtask_type === null && call.args.length === 0 && isEmpty(options) && isEmpty(call.options);
}

function isEmpty(object: object): boolean {
  for (const _name in object) return false;
  return true;
}
