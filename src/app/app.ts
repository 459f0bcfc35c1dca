/** createApp: settings, registry and publisher tied together. */

import type { ApplyOptions } from '../canvas/call-options.ts';
import { type AnySignature, Signature } from '../canvas/signature.ts';
import type { Args } from '../canvas/step.ts';
import { systemClock } from '../clock.ts';
import { ImproperlyConfigured } from '../errors.ts';
import { kept } from '../kept.ts';
import { silentLogger } from '../logger.ts';
import { AsyncResult } from '../results/async-result.ts';
import type { GroupResult } from '../results/group-result.ts';
import type { ResultSource } from '../results/result-base.ts';
import { createDecoders, type Decoders } from '../wire/decoders.ts';
import type { ResultTuple } from '../wire/result.ts';
import { readSignature } from '../wire/signature.ts';
import { type Connected, type Connection, connect } from './connection.ts';
import { type Control, createControl } from './control.ts';
import { currentRun } from './current.ts';
import type { TaskDeclarer, TaskReferrer } from './definition.ts';
import { createDirectContext } from './direct-context.ts';
import type { Publisher } from './publisher.ts';
import { type AnyFunction, Registry, type TaskSpec } from './registry.ts';
import type { SendableTasks } from './send-tasks.ts';
import type { Settings } from './settings.ts';
import { checkSettings } from './settings-check.ts';
import { type Observer, type SignalName, Signals } from './signals.ts';
import { createTask, createTaskRef, type TaskSender } from './task.ts';
import type { LoadedSender } from './task-sender.ts';

export interface App {
  readonly name: string;
  readonly settings: Settings;
  /**
   * Registers a task and gives it back: callable as the function it is, and sendable.
   *
   * @example const add = app.task('tasks.add', { params: ['x', 'y'] }, (x: number, y: number) => x + y);
   * @throws AlreadyRegistered, ImproperlyConfigured
   */
  readonly task: TaskDeclarer;
  /**
   * A task implemented elsewhere, to be sent and signed.
   *
   * @example const resize = app.declare<[url: string], string>('images.resize');
   */
  readonly declare: TaskReferrer;
  /** Sends any task by name, untyped (celery Celery.send_task). Throws as applyAsync does. */
  sendTask(name: string, args?: readonly unknown[], options?: ApplyOptions): Promise<AsyncResult>;
  /**
   * Sends many signatures, in as few requests as it can, and no more of them at a time than is good for memory: they may come from a
   * generator or a stream. Resolves with what each of them gives, in their order; after a failure no further one is taken.
   *
   * @example const results = await app.sendTasks(orders.map((order) => charge.s(order)));
   * @throws NotAllSent, which says what was sent and what was not
   */
  sendTasks<H>(tasks: SendableTasks<H>): Promise<H[]>;
  /**
   * Resolves once all that was sent until now has been accepted or refused, whoever waits for it: for the moment before a process is
   * frozen. createHandler and the poller do it by themselves. Never rejects.
   */
  flush(): Promise<void>;
  /**
   * A signature of any task by name, or of a signature as data, untyped (celery.signature). `R` is what it is taken to return.
   *
   * @example chain(app.signature<number>('tasks.add', [2, 2]), report.s())
   * @throws InvalidTaskError for data that are no signature, ImproperlyConfigured for an option that does not exist
   */
  signature<R = unknown>(task: string | object, args?: readonly unknown[], options?: ApplyOptions): Signature<Args, R>;
  /** Names of the tasks registered here. */
  readonly tasks: readonly string[];
  /** Connects the app to a transport and perhaps a backend; a later call replaces an earlier one. */
  connect(connection: Connection): App;
  /** Revoking tasks. */
  readonly control: Control;
  /**
   * Watches publishing and running (celery.signals). @returns a function that ends it
   *
   * @example app.on('taskFailure', ({ request, error }) => report(request.id, error));
   */
  on<N extends SignalName>(name: N, observer: Observer<N>): () => void;
  /** A handle on a task sent before. */
  asyncResult<R = unknown>(taskId: string): AsyncResult<R>;
  /** A group that was saved (GroupResult.save), here or by Python; undefined when none is. @throws BackendGetError, ImproperlyConfigured */
  groupResult(groupId: string): Promise<GroupResult | undefined>;
  /** The result that `toTuple()` was called on, from anywhere (celery.result.result_from_tuple). @throws DecodeError */
  resultFromTuple(tuple: ResultTuple): Promise<AsyncResult | GroupResult>;
}

/** What workers need of an app and callers do not see. */
export interface AppInternals {
  readonly registry: Registry;
  readonly decoders: Decoders;
  readonly signals: Signals;
  publisher(): Promise<Publisher>;
  /** Resolves once all that was sent until now has ended; undefined when there is nothing. */
  flushed(): Promise<void> | undefined;
  /** @throws ImproperlyConfigured before app.connect */
  connected(): Connected;
}

const internals = new WeakMap<App, AppInternals>();

/** @throws ImproperlyConfigured for anything createApp did not make */
export function internalsOf(app: App): AppInternals {
  const found = internals.get(app);
  if (found === undefined) throw new ImproperlyConfigured('This is no app; create one with createApp(name).');
  return found;
}

/**
 * An app: the registry of its tasks, its settings, and what it is connected to.
 *
 * @example const app = createApp('shop', { taskDefaultQueue: 'celery' });
 * @throws ImproperlyConfigured for a setting that does not exist or has a wrong value
 */
export function createApp(name: string, given: Partial<Settings> & Partial<Connection> = {}): App {
  const { transport, backend, scheduler, ledger, largeMessages, signing, clock, logger, ...rest } = given;
  const settings = checkSettings(rest);
  const registry = new Registry();
  const signals = new Signals();
  const decoders = createDecoders(settings.codecs, settings.acceptContent);
  let connection: Connected | undefined =
    transport === undefined ? undefined : connect({ transport, backend, scheduler, ledger, largeMessages, signing, clock, logger });

  const connected = (): Connected => {
    if (connection !== undefined) return connection;
    throw new ImproperlyConfigured(`The app '${name}' is not connected; call app.connect({ transport }) before anything is sent or run.`);
  };
  const control = createControl(connected);
  const source = (): ResultSource => ({
    backend: connection?.backend,
    clock: connection?.clock ?? systemClock,
    expiresSeconds: settings.resultExpires,
    insideTask: () => currentRun() !== undefined,
    revoke: control.revoke,
    resultFromTuple,
  });
  const resultFromTuple = async (tuple: ResultTuple) => (await import('../results/tuples.ts')).resultFromTuple(tuple, source);
  // Sending is imported when something is sent: a worker that only runs tasks does not pay for it.
  const publisher = kept(async () => {
    const { createPublisher } = await import('./publisher.ts');
    return createPublisher({ appName: name, settings, signals, connected, defaultsOf: (task) => registry.get(task)?.defaults });
  });
  const loadSender = kept(async () => {
    const [publishing, { createTaskSender }] = await Promise.all([publisher(), import('./task-sender.ts')]);
    return createTaskSender({ settings, registry, signals, publisher: publishing, connected, connection: () => connection, source });
  });
  let loading: Promise<LoadedSender> | undefined;
  let loaded: LoadedSender | undefined;
  /** It counts as loaded from the first call on that waited for it, so that none overtakes another. */
  const withSender = <T>(work: (loaded: LoadedSender) => Promise<T>): Promise<T> => {
    if (loaded !== undefined) return work(loaded);
    loading = loadSender();
    return loading.then((made) => {
      loaded = made;
      return work(made);
    });
  };
  const sender: TaskSender = {
    send: (call) => withSender((made) => made.send(call)),
    signatures: {
      errbacksOnChordHeader: settings.taskAllowErrorCbOnChordHeader,
      send: (data, call) => withSender((made) => made.sendSignature(data, call)),
    },
  };
  const flushed = (): Promise<void> | undefined => {
    if (loaded !== undefined) return loaded.flushed();
    return loading?.then(
      (made) => made.flushed(),
      () => undefined,
    );
  };

  const app: App = {
    name,
    settings,
    task: ((taskName: string, ...rest: [TaskSpec | AnyFunction, AnyFunction?]) => {
      const [spec, run] = typeof rest[0] === 'function' ? [{}, rest[0]] : [rest[0], rest[1]];
      const registered = registry.add(taskName, spec, run as AnyFunction);
      return createTask(registered, sender, () => createDirectContext(taskName, connection?.logger ?? silentLogger));
    }) as TaskDeclarer,
    declare: ((taskName: string) => createTaskRef(taskName, sender, undefined)) as TaskReferrer,
    async sendTask(taskName, args = [], options = {}) {
      const kwargs = (options.kwargs ?? {}) as Readonly<Record<string, unknown>>;
      return await sender.send({ name: taskName, args, kwargs, options, defaults: registry.get(taskName)?.defaults });
    },
    sendTasks: (given) =>
      withSender((made) =>
        made.counted(async () => {
          const [{ sendTasks }] = await Promise.all([import('./send-tasks.ts'), made.loadCanvas()]);
          return await sendTasks(given);
        }),
      ),
    flush: async () => await flushed(),
    signature: <R>(task: string | object, args: readonly unknown[] = [], options: ApplyOptions = {}) => {
      const data = readSignature(typeof task === 'string' ? { task } : 'toData' in task ? (task as AnySignature).toData() : task);
      return new Signature<Args, R>(data, sender.signatures).partial(args, options);
    },
    get tasks() {
      return registry.names();
    },
    connect(next) {
      connection = connect(next);
      return app;
    },
    control,
    on: (signal, observer) => signals.on(signal, observer),
    asyncResult: <R>(taskId: string) => new AsyncResult<R>(taskId, source),
    groupResult: async (groupId) => (await import('../results/tuples.ts')).restoreGroup(source, groupId),
    resultFromTuple,
  };
  internals.set(app, { registry, decoders, signals, publisher, flushed, connected });
  return app;
}
