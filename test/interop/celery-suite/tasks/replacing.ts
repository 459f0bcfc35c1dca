/** Tasks that put a canvas in their own place, send one, or add to the chord they are part of. */

import { type App, chain, chord, group } from '../../../../src/index.ts';
import type { SignatureData } from '../../../../src/wire/message.ts';
import type { PlainTasks } from './plain.ts';
import { nameOf } from './python.ts';
import type { Redis, TellingTasks } from './telling.ts';

interface Parts extends PlainTasks, TellingTasks {
  readonly redis: Redis;
}

/** Python's keyword of the tasks that replace themselves with a chain. */
interface LinkMessage {
  readonly link_msg?: string | null;
}

/** chain() takes no less than one signature; Python's can be sent all the same. */
const EMPTY_CHAIN = { task: 'celery.chain', args: [], kwargs: { tasks: [] }, options: {}, subtask_type: 'chain', immutable: false };

export function registerReplacing(app: App, parts: Parts): void {
  const { add, identity, fail } = parts;
  app.task(nameOf('add_replaced'), { bind: true, params: ['x', 'y'] }, (self, x: unknown, y: unknown) => self.replace(add.s(x, y)));
  app.task(nameOf('add_replaced_with_chain'), { bind: true, params: ['x', 'y'] }, (self, x: unknown, y: unknown) =>
    self.replace(chain(add.s(x, y), identity.s())),
  );
  app.task(nameOf('fail_replaced'), { bind: true }, (self, ...args: unknown[]) => self.replace(fail.si(...args)));
  app.task(nameOf('replace_with_empty_chain'), { bind: true }, (self, ..._: unknown[]) => self.replace(app.signature(EMPTY_CHAIN)));
  app.task(nameOf('replace_with_chain_which_contains_a_group'), { bind: true }, (self) =>
    self.replace(chain(add.s(1, 2), group(add.s(1), add.s(1)))),
  );
  app.task(nameOf('add_to_all'), { bind: true, params: ['nums', 'val'] }, (self, nums: unknown[], val: unknown) =>
    self.replace(group(nums.map((num) => add.s(num, val)))),
  );
  registerLinked(app, parts);
  registerNesting(app);
  registerSecondOrder(app, parts);
  registerAdding(app, parts);
  registerSending(app, parts);
}

function registerLinked(app: App, { identity, raiseError, echo }: Parts): void {
  const told = ({ link_msg: message = null }: LinkMessage) => (message === null ? echo.s() : echo.si(message));
  app.task(nameOf('replace_with_chain'), { bind: true, kwargs: true }, (self, ...given: [...args: unknown[], keywords: LinkMessage]) => {
    const keywords = given.pop() as LinkMessage;
    return self.replace(chain(identity.s(...(given as [unknown])), identity.s()).link(told(keywords)));
  });
  app.task(
    nameOf('replace_with_chain_which_raises'),
    { bind: true, kwargs: true },
    (self, ...given: [...args: unknown[], keywords: LinkMessage]) => {
      const keywords = given.pop() as LinkMessage;
      return self.replace(chain(identity.s(...(given as [unknown])), raiseError.s()).linkError(told(keywords)));
    },
  );
  app.task(nameOf('replace_with_stamped_task'), { bind: true, params: ['replace_with'] }, (self, given: SignatureData | null = null) => {
    const signature = given === null ? app.declare<[], boolean>(nameOf('replaced_with_me')).s() : app.signature(given);
    return self.replace(signature.stamp({ StampOnReplace: 'This is the replaced task' }));
  });
}

function registerNesting(app: App): void {
  const again = app.declare<[replacements: number, nesting: number[]], unknown>(nameOf('record_replaced_task_nesting'));
  app.task(
    again.name,
    { bind: true, params: ['replacements', 'nesting'] },
    (self, replacements: number, nesting: number[] | null = null): unknown => {
      const levels = [...(nesting ?? []), Number(self.request.headers['replaced_task_nesting'] ?? 0)];
      return replacements > 0 ? self.replace(again.s(replacements - 1, levels)) : levels;
    },
  );
}

function registerSecondOrder(app: App, { redis, echo }: Parts): void {
  const tell = (text: string) => redis.rPush('redis-echo', text);
  const first = app.declare<[state?: boolean], null>(nameOf('second_order_replace1'));
  const second = app.declare<[state?: boolean], null>(nameOf('second_order_replace2'));
  app.task(second.name, { bind: true, params: ['state'] }, async (self, state: boolean = false) => {
    await tell(state ? 'Out B' : 'In B');
    if (!state) return self.replace(chain(echo.s('In/Out C'), second.si(true)));
    return null;
  });
  app.task(first.name, { bind: true, params: ['state'] }, async (self, state: boolean = false) => {
    await tell(state ? 'Out A' : 'In A');
    if (!state) return self.replace(chain(second.s(), first.si(true)));
    return null;
  });
}

function registerAdding(app: App, { add, tsum }: Parts): void {
  app.task(nameOf('add_to_all_to_chord'), { bind: true, params: ['nums', 'val'] }, async (self, nums: unknown[], val: unknown) => {
    for (const num of nums) await self.addToChord(add.s(num, val));
    return 0;
  });
  app.task(nameOf('add_chord_to_chord'), { bind: true, params: ['nums', 'val'] }, async (self, nums: unknown[], val: unknown) => {
    await self.addToChord(group(nums.map((num) => add.s(num, val))).pipe(tsum.s()));
    return 0;
  });
}

function registerSending(app: App, { add }: Parts): void {
  app.task(nameOf('chain_add'), { params: ['x', 'y'] }, async (x: unknown, y: unknown): Promise<void> => {
    await chain(add.s(x, x), add.s(y)).applyAsync();
  });
  app.task(nameOf('chord_add'), { params: ['x', 'y'] }, async (x: unknown, y: unknown): Promise<void> => {
    await chord([add.s(x, x)], add.s(y)).applyAsync();
  });
  app.task(nameOf('build_chain_inside_task'), async () => {
    const result = await chain(add.s(1, 1), add.s(2), group(add.s(3), add.s(4)), add.s(5)).applyAsync();
    return result.toTuple();
  });
}
