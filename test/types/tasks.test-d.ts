/** Good and bad calls. The compiler is the test: an expected error that does not come is an error itself. */

import type { Context, SQSBatchResponse, SQSEvent, SQSHandler } from 'aws-lambda';
import {
  type AsyncResult,
  createApp,
  type Decimal,
  type Signature,
  type TaskArgs,
  type TaskContext,
  type TaskKwargs,
  type TaskResult,
} from 'celeriac';
import { createHandler, type LambdaContext, type SqsEvent, type SqsHandler } from 'celeriac/lambda';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): T | undefined => undefined;

const app = createApp('types');

// ── inference ───────────────────────────────────────────────────────────────

const add = app.task('tasks.add', { params: ['x', 'y'] }, (x: number, y: number) => x + y);
holds<Equal<TaskArgs<typeof add>, [x: number, y: number]>>();
holds<Equal<TaskResult<typeof add>, number>>();
holds<Equal<TaskKwargs<typeof add>, never>>();

const greet = app.task('tasks.greet', { queue: 'mail' }, async (name: string, punctuation: string = '!') => `hi ${name}${punctuation}`);
holds<Equal<TaskResult<typeof greet>, string>>();

const bound = app.task('tasks.bound', { bind: true }, async (self, url: string) => ({ url, id: self.id, ok: true as const }));
holds<Equal<TaskArgs<typeof bound>, [url: string]>>();
holds<Equal<TaskResult<typeof bound>, { url: string; id: string; ok: true }>>();
app.task('tasks.context', { bind: true }, (self) => holds<Equal<typeof self, TaskContext>>() ?? null);

const mailer = app.task(
  'mail.send',
  { kwargs: true },
  async (template: string, k: { to: string; subject?: string }) => template.length + k.to.length,
);
holds<Equal<TaskArgs<typeof mailer>, [template: string]>>();
holds<Equal<TaskKwargs<typeof mailer>, { to: string; subject?: string }>>();

export async function results(): Promise<void> {
  const sent = await add.applyAsync([1, 2], { countdown: 3 });
  holds<Equal<typeof sent, AsyncResult<number>>>();
  holds<Equal<Awaited<ReturnType<typeof sent.get>>, number>>();
}

// ── calls ───────────────────────────────────────────────────────────────────

export function calls(): unknown[] {
  return [
    add.delay(1, 2),
    greet.delay('x'),
    greet.delay('x', '?'),
    add(1, 2),
    mailer.applyAsync(['hi'], { kwargs: { to: 'a' } }),
    // @ts-expect-error a text is no number
    add.applyAsync([1, 'a']),
    // @ts-expect-error one is missing
    add.delay(1),
    // @ts-expect-error one too many
    add.delay(1, 2, 3),
    // @ts-expect-error the task takes no keywords
    add.applyAsync([1, 2], { kwargs: { a: 1 } }),
    // @ts-expect-error the keywords are required
    mailer.applyAsync(['hi']),
    // @ts-expect-error a keyword of the wrong type
    mailer.applyAsync(['hi'], { kwargs: { to: 1 } }),
    // @ts-expect-error delay takes no keywords
    mailer.delay('hi', { to: 'a' }),
    // @ts-expect-error a direct call is typed as well
    add('2', 2),
    // @ts-expect-error no such option
    add.applyAsync([1, 2], { contdown: 3 }),
    // @ts-expect-error SQS has no exchanges
    add.applyAsync([1, 2], { exchange: 'x' }),
  ];
}

// ── declaring ───────────────────────────────────────────────────────────────

// @ts-expect-error params name each parameter
app.task('bad.params', { params: ['x'] }, (x: number, y: number) => x + y);
// @ts-expect-error a function cannot be sent
app.task('bad.function', (callback: () => void) => callback());
// @ts-expect-error a Map cannot be sent
app.task('bad.map', (options: { map: Map<string, string> }) => options.map.size);
// @ts-expect-error a symbol cannot be sent, however deep
app.task('bad.symbol', (list: { deep: symbol[] }[]) => list.length);
// @ts-expect-error nor keywords that hold a set
app.task('bad.kwargs', { kwargs: true }, (k: { set: Set<string> }) => k.set.size);

interface User {
  readonly id: string;
  readonly tags?: readonly string[];
  readonly at: Date;
  readonly avatar: Uint8Array;
  readonly balance: Decimal;
  readonly big: bigint;
}
const user = app.task('tasks.user', (u: User, n: number, ...rest: string[]) => u.id.length + n + rest.length);
holds<Equal<TaskArgs<typeof user>, [u: User, n: number, ...rest: string[]]>>();

// ── elsewhere ───────────────────────────────────────────────────────────────

const resize = app.declare<[url: string, width: number], string>('images.resize');
const same = app.declare<typeof add>('tasks.add');
const mail = app.declare<[], void, { to: string }>('mail.send');

export function elsewhere(): unknown[] {
  return [
    resize.delay('u', 3),
    same.delay(1, 2),
    mail.applyAsync([], { kwargs: { to: 'a' }, countdown: 1 }),
    // @ts-expect-error the types of the other task hold
    same.delay('1', 2),
    // @ts-expect-error keywords are required
    mail.applyAsync([]),
    // @ts-expect-error a declared task cannot be called
    resize('u', 3),
  ];
}

// ── signatures ──────────────────────────────────────────────────────────────

export const whole: Signature<[], number> = add.s(1, 2);
export const partial: Signature<[number], number> = add.s(4);
export const immutable: Signature<[], number> = add.si(1, 2);
// @ts-expect-error the last argument is a number
add.s('x');
// @ts-expect-error an immutable signature is complete
add.si(1);

// ── settings ────────────────────────────────────────────────────────────────

createApp('a', {
  taskDefaultQueue: 'x',
  taskRoutes: [
    [/^mail\./, 'mail'],
    ['a.*', { queue: 'a' }],
  ],
});
// @ts-expect-error no such setting
createApp('a', { taskDefaultQueu: 'x' });

// ── Lambda ──────────────────────────────────────────────────────────────────

export const handler: SqsHandler = createHandler(app);
export const asAws = (): [(event: SQSEvent, context: Context) => Promise<SQSBatchResponse>, SQSHandler] => [handler, handler];
export const theirs = (event: SQSEvent, context: Context): readonly [SqsEvent, LambdaContext] => [event, context];
