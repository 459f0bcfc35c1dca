/** Good and bad canvases. The compiler is the test: an expected error that does not come is an error itself. */

import {
  type AsyncResult,
  type Chain,
  type Chord,
  type Chunks,
  chain,
  chord,
  createApp,
  type Group,
  type GroupResult,
  group,
  type Signature,
} from 'celeriac';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): T | undefined => undefined;
/** What sending a signature gives. */
type Sending<S extends { applyAsync(...call: never): Promise<unknown> }> = Awaited<ReturnType<S['applyAsync']>>;

const app = createApp('types');
const add = app.task('add', (x: number, y: number) => x + y);
const double = app.task('double', async (x: number) => 2 * x);
const text = app.task('text', (x: number) => String(x));
const shout = app.task('shout', (word: string, mark: string = '!') => word + mark);
const sum = app.task('sum', (numbers: readonly number[]) => numbers.length);
const join = app.task('join', (parts: [number, string]) => parts.join());
const log = app.task('log', (line: string): void => void line.length);
const afterLog = app.task('after_log', (nothing: null) => nothing);
const many = app.task('many', (...numbers: number[]) => numbers.length);
const tagged = app.task('tagged', (name: string, ...tags: string[]) => name + tags.length);
const maybe = app.task('maybe', (x: number) => (x > 1 ? x : undefined));
const takesMaybe = app.task('takes_maybe', (x: number | null) => x);
const now = app.task('now', () => new Date());
const age = app.task('age', (since: Date) => since.getTime());
const user = app.task('user', (id: number) => ({ id, name: 'Ada', tags: ['a'] }));
const greet = app.task('greet', (person: { readonly name: string }) => `hi ${person.name}`);
const mail = app.task('mail', { kwargs: true }, (to: string, k: { subject: string }) => to + k.subject);
const never = app.task('never', (): never => {
  throw new Error('always');
});
const remote = app.declare<[url: string, width: number], { href: string }>('remote');

// ── signatures of tasks ─────────────────────────────────────────────────────

const [open, partial, whole] = [add.s(), add.s(4), add.s(2, 2)];
holds<Equal<typeof open, Signature<[number, number], number>>>();
holds<Equal<typeof partial, Signature<[number], number>>>();
holds<Equal<typeof whole, Signature<[], number>>>();
const fixed = add.si(2, 2);
holds<Equal<typeof fixed, Signature<readonly unknown[], number>>>();
export const complete: Signature<[], number> = add.si(2, 2);
export const takesAny: Signature<[x: number], number> = double.si(2);
const either = shout.s('?');
holds<Equal<typeof either, Signature<[] | [string], string>>>();
export const rest: Signature<[number, number, number], number> = many.s(1);
export const tags: Signature<[string], string> = tagged.s('a', 'b');
const filled = add.s().partial([4]).partial([2]);
holds<Equal<typeof filled, Signature<[], number>>>();
const kept = add.s(4).set({ countdown: 3 }).link(text.s()).linkError(log.s()).stamp({ tenant: 'acme' });
holds<Equal<typeof kept, Signature<[number], number>>>();
const mailed = mail.signature(['ada'], { kwargs: { subject: 'hello' }, countdown: 1 });
holds<Equal<typeof mailed, Signature<[], string>>>();
const named = app.signature<number>('anything', [1]);
holds<Equal<typeof named, Signature<readonly unknown[], number>>>();
const href = remote.s(100);
holds<Equal<typeof href, Signature<[string], { href: string }>>>();

export function badSignatures(): unknown[] {
  return [
    // @ts-expect-error the last argument is a number
    add.s('x'),
    // @ts-expect-error one too many
    add.s(1, 2, 3),
    // @ts-expect-error an immutable signature is complete
    add.si(1),
    // @ts-expect-error nothing is open any more
    add.s(1, 2).partial([3]),
    // @ts-expect-error the open one is a number
    add.s(1).partial(['x']),
    // @ts-expect-error keywords are required
    mail.signature(['ada']),
    // @ts-expect-error a keyword of the wrong type
    mail.signature(['ada'], { kwargs: { subject: 1 } }),
    // @ts-expect-error no such option
    add.s(1).set({ contdown: 3 }),
    // @ts-expect-error a callback is given the result, a number
    add.s(1).link(shout.s()),
    // @ts-expect-error a task is no signature
    add.s(1).link(text),
    // @ts-expect-error an errback is a signature
    add.s(1).linkError('log'),
    // @ts-expect-error it still takes a number
    ((signature: Signature<[string], number>) => signature)(add.s(1)),
    // @ts-expect-error the result is no text
    ((signature: Signature<[number], string>) => signature)(add.s(1)),
  ];
}

// ── sending ─────────────────────────────────────────────────────────────────

export async function sending(): Promise<void> {
  const sent = await add.s(2, 2).applyAsync();
  holds<Equal<typeof sent, AsyncResult<number>>>();
  await add.s(2).applyAsync([2], { countdown: 3 });
  await add.s(2).delay(2);
  await fixed.delay();
  await many.s(1).applyAsync();
  await shout.s('?').delay('hey');
  const all = await group(add.s(1, 1), text.s(1)).applyAsync();
  holds<Equal<typeof all, GroupResult<[number, string]>>>();
  holds<Equal<Awaited<ReturnType<typeof all.get>>, [number, string]>>();
  const last = await chain(add.s(1, 1), text.s()).delay();
  holds<Equal<typeof last, AsyncResult<string>>>();
  // @ts-expect-error something is open
  await add.s(2).applyAsync();
  // @ts-expect-error it is a number
  await add.s(2).applyAsync(['x']);
  // @ts-expect-error nothing is open
  await add.s(2, 2).delay(1);
  // @ts-expect-error something is open at the front of the first
  await chain(add.s(1), text.s()).delay();
}

// ── chains ──────────────────────────────────────────────────────────────────

const line = chain(add.s(2, 2), add.s(4), text.s(), shout.s('?'));
holds<Equal<typeof line, Chain<[], string>>>();
const openLine = chain(add.s(2), text.s());
holds<Equal<typeof openLine, Chain<[number], string>>>();
const alone = chain(add.s(2));
holds<Equal<typeof alone, Signature<[number], number>>>();
const piped = add.s(2, 2).pipe(add.s(4), text.s());
holds<Equal<typeof piped, Chain<[], string>>>();
const nested = chain(chain(add.s(2), double.s()), chain(text.s(), shout.s()));
holds<Equal<typeof nested, Chain<[number], string>>>();
const fans = chain(add.s(2, 2), group(double.s(), text.s()));
holds<Equal<typeof fans, Chain<[], [number, string], GroupResult<[number, string]>>>>();
const together = chain(group(add.s(1, 1), add.s(2, 2)), sum.s());
holds<Equal<typeof together, Chain<[], number>>>();
const diamond = chain(double.s(1), group(double.s(), text.s()), join.s(), shout.s());
holds<Equal<typeof diamond, Chain<[], string>>>();
const ofOne = chain(group(add.s(1, 1)), double.s(), group(text.s()));
holds<Equal<typeof ofOne, Chain<[], string>>>();
const pipedGroup = group(add.s(1, 1)).pipe(sum.s());
holds<Equal<typeof pipedGroup, Chain<[], number>>>();

export const goodChains = [
  chain(log.s('a'), afterLog.s()),
  chain(log.s('a'), add.si(1, 1), text.s()),
  chain(maybe.s(1), takesMaybe.s()),
  chain(now.s(), age.s()),
  chain(user.s(1), greet.s()),
  chain(never.s(), greet.s(), shout.s()),
  chain(add.s(1, 1), many.s(3), many.s()),
  chain(shout.s('a'), tagged.s('b', 'c')),
  chain(named, text.s()),
  chain(user.s(1), app.signature('anything')),
  chain(...[1, 2, 3].map((y) => add.s(y))),
  chain(add.s(1, 1), ...[1, 2].map((y) => add.s(y))),
  chain(add.chunks([[1, 2]], 1).group(), app.signature('totals')),
];

export function badChains(): unknown[] {
  return [
    // @ts-expect-error a text is given to a number
    chain(text.s(1), add.s(4)),
    // @ts-expect-error the same in the middle
    chain(add.s(1, 1), text.s(), double.s(), text.s()),
    // @ts-expect-error two arguments are open
    chain(add.s(1, 1), add.s()),
    // @ts-expect-error nothing is open, and it is not immutable
    chain(add.s(1, 1), add.s(1, 1)),
    // @ts-expect-error void becomes null, and that is no text
    chain(log.s('a'), shout.s()),
    // @ts-expect-error undefined becomes null
    chain(maybe.s(1), double.s()),
    // @ts-expect-error the name is missing
    chain(user.s(1), shout.s()),
    // @ts-expect-error an array is given to a number
    chain(group(add.s(1, 1), add.s(2, 2)), double.s()),
    // @ts-expect-error the order of the results
    chain(group(text.s(1), double.s(1)), join.s()),
    // @ts-expect-error one member does not take a number
    chain(add.s(1, 1), group(double.s(), shout.s())),
    // @ts-expect-error one member takes nothing
    chain(add.s(1, 1), group(double.s(), add.s(1, 1))),
    // @ts-expect-error a group of one is that one
    chain(group(add.s(1, 1)), sum.s()),
    // @ts-expect-error but a group that is piped is not
    group(add.s(1, 1)).pipe(double.s()),
    // @ts-expect-error what a pipe is given is checked as well
    add.s(1, 1).pipe(text.s(), double.s()),
    // @ts-expect-error a pipe has to lead somewhere
    add.s(1, 1).pipe(),
    // @ts-expect-error a task is no signature
    chain(add.s(1, 1), text),
    // @ts-expect-error nor is its name
    chain(add.s(1, 1), 'text'),
    // @ts-expect-error what comes out of anything has to be said
    chain(app.signature('anything'), text.s()),
    // @ts-expect-error chunks in a chain do not wait for their results
    chain(add.chunks([[1, 2]], 1), sum.s()),
    // @ts-expect-error a chain that ends in a group gives an array
    chain(chain(add.s(1, 1), group(double.s(), double.s())), double.s()),
  ];
}

// ── groups ──────────────────────────────────────────────────────────────────

const pair = group(add.s(1, 1), text.s(2));
holds<Equal<typeof pair, Group<[], [number, string]>>>();
const listed = group([add.s(1, 1), text.s(2)]);
holds<Equal<typeof listed, Group<[], [number, string]>>>();
const dynamic = group([1, 2, 3].map((x) => add.s(x, x)));
holds<Equal<typeof dynamic, Group<[], number[]>>>();
const openGroup = group(double.s(), add.s(2));
export const openPair: Group<[number], [number, number]> = openGroup;
const flattened = group(group(add.s(1, 1), text.s(1)), double.s(1));
holds<Equal<typeof flattened, Group<[], [string | number, string | number, number]>>>();
const ofChains = group(chain(add.s(1), text.s()), double.s());
export const ofChainsPair: Group<[number], [string, number]> = ofChains;
const silent = group(log.s('a'), double.s(1));
holds<Equal<typeof silent, Group<[], [null, number]>>>();
const filledGroup = group(add.s(1), add.s(2)).partial([3]).set({ countdown: 1 });
holds<Equal<typeof filledGroup, Group<[], [number, number]>>>();
holds<Equal<Sending<typeof filledGroup>, GroupResult<[number, number]>>>();
group(add.s(1, 1)).link(log.si('done'));

export function badGroups(): unknown[] {
  return [
    // @ts-expect-error a task is no signature
    group(add, text.s(1)),
    // @ts-expect-error nor in an array
    group([add.s(1, 1), 3]),
    // @ts-expect-error one member takes a text
    group(double.s(), shout.s('?')).delay(1),
  ];
}

// ── chords ──────────────────────────────────────────────────────────────────

const total = chord([add.s(1, 1), add.s(2, 2)], sum.s());
holds<Equal<typeof total, Chord<[], number>>>();
const ofGroup = chord(group(double.s(), text.s()), join.s());
export const opened: Chord<[number], string> = ofGroup;
const toGroup = chord([add.s(1, 1)], group(sum.s(), sum.s()));
holds<Equal<Sending<typeof toGroup>, GroupResult<[number, number]>>>();
const oneInHeader = chord([add.s(1, 1)], sum.s());
holds<Equal<typeof oneInHeader, Chord<[], number>>>();

export const goodChords = [
  chord(
    [1, 2].map((x) => double.s(x)),
    sum.s(),
  ),
  chord([chain(add.s(1, 1), text.s()), text.s(2)], log.si('done')),
  chord(dynamic, chain(sum.s(), text.s())),
  chain(chord([add.s(1, 1), double.s(2)], sum.s()), text.s()),
];

export function badChords(): unknown[] {
  return [
    // @ts-expect-error the body is given an array
    chord([add.s(1, 1), add.s(2, 2)], double.s()),
    // @ts-expect-error of numbers alone
    chord([add.s(1, 1), text.s(2)], sum.s()),
    // @ts-expect-error in this order
    chord(group(text.s(1), double.s(1)), join.s()),
    // @ts-expect-error the body takes nothing, and is not immutable
    chord([add.s(1, 1)], add.s(1, 1)),
    // @ts-expect-error a body is needed
    chord([add.s(1, 1)]),
    // @ts-expect-error a header is an array or a group
    chord(chain(add.s(1, 1), text.s()), log.s()),
    // @ts-expect-error what comes out of the body is a number
    chain(chord([add.s(1, 1)], sum.s()), shout.s()),
  ];
}

// ── map, starmap and chunks ─────────────────────────────────────────────────

const doubled = double.map([1, 2, 3]);
holds<Equal<typeof doubled, Signature<readonly unknown[], number[]>>>();
const added = add.starmap([
  [1, 2],
  [3, 4],
]);
holds<Equal<typeof added, Signature<readonly unknown[], number[]>>>();
const chunked = add.chunks([[1, 2]], 10);
holds<Equal<typeof chunked, Chunks<number>>>();
holds<Equal<Sending<typeof chunked>, GroupResult<number[][]>>>();
export const goodMaps = [chain(doubled, sum.s()), shout.map(['a']), chain(added, sum.s())];

export function badMaps(): unknown[] {
  return [
    // @ts-expect-error the items are numbers
    double.map(['a']),
    // @ts-expect-error the task takes two
    add.map([1, 2]),
    // @ts-expect-error an item has both arguments
    add.starmap([[1]]),
    // @ts-expect-error of the right type
    add.chunks([[1, 'a']], 10),
    // @ts-expect-error a chunk has a size
    add.chunks([[1, 2]]),
  ];
}
