/** What results give, by type. The compiler is the test. */

import { type AsyncResult, createApp, type GetOptions, type GroupResult, type ResultBase } from 'celeriac';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): T | undefined => undefined;

const app = createApp('types');

export async function reading(pair: GroupResult<readonly [number, string]>, list: GroupResult<Date[]>, any: GroupResult): Promise<void> {
  // A group's values are the tuple of its members', and may be changed by who has them.
  const values = await pair.get();
  holds<Equal<typeof values, [number, string]>>();
  holds<Equal<Awaited<ReturnType<typeof pair.join>>, [number, string]>>();
  holds<Equal<Awaited<ReturnType<typeof list.get>>, Date[]>>();
  const unknowns = await any.get();
  holds<Equal<typeof unknowns, unknown[]>>();

  const [first, second] = pair.results;
  holds<Equal<typeof first, AsyncResult<number>>>();
  holds<Equal<typeof second, AsyncResult<string>>>();
  // @ts-expect-error there are two members
  void pair.results[2];
  for await (const [member, value] of pair.iterate({ propagate: false })) {
    holds<Equal<typeof member, AsyncResult<number> | AsyncResult<string>>>();
    holds<Equal<typeof value, number | string>>();
  }

  // A member whose value is an array may be a group.
  const nested = ({} as GroupResult<[number[]]>).results[0];
  holds<Equal<typeof nested, AsyncResult<number[]> | GroupResult<number[]>>>();

  const options: GetOptions = { timeout: 1, interval: 0.1, propagate: false, disableSyncSubtasks: false, signal: AbortSignal.timeout(1) };
  holds<Equal<Awaited<ReturnType<typeof first.get>>, number>>();
  await first.get(options);
  // @ts-expect-error it is `timeout`
  await first.get({ timeOut: 1 });
}

export async function finding(): Promise<void> {
  const restored = await app.groupResult('id');
  holds<Equal<typeof restored, GroupResult | undefined>>();
  const result = await app.resultFromTuple([['id', null], null]);
  if ('results' in result) holds<Equal<typeof result, GroupResult>>();
  else holds<Equal<typeof result, AsyncResult>>();
  const base: ResultBase = result;
  for (const child of await base.children()) await child.forget();
  const typed: ResultBase<number> = app.asyncResult<number>('id');
  holds<Equal<Awaited<ReturnType<typeof typed.get>>, number>>();
  // @ts-expect-error a number is not a text
  const wrong: AsyncResult<string> = app.asyncResult<number>('id');
  void wrong;
}
