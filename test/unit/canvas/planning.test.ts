import { describe, expect, it } from 'vitest';
import type { Plan, PlanCall } from '../../../src/canvas/plan.ts';
import { planOf } from '../../../src/canvas/planning.ts';
import type { SignatureData } from '../../../src/wire/message.ts';
import { countedIds } from '../../support/canvas-cases.ts';
import { chainData, chordData, chunksData, groupData, mapData, task } from '../../support/canvas-data.ts';

const plan = (signature: SignatureData, call: Partial<PlanCall> = {}): Plan => planOf(signature, { newId: countedIds(), ...call });
const many = (count: number): SignatureData[] => Array.from({ length: count }, (_, index) => task('t', [index]));

describe('what is refused', () => {
  it.each([
    ['link', { link: [task('cb')] }],
    ['link_error', { link_error: [task('eb')] }],
  ])('a group called with %s', (_, options) => {
    expect(() => plan(groupData([task('a')]), { options })).toThrow(/A group cannot be linked when it is sent/);
  });

  it.each([
    ['a chain without tasks', chainData([]), /A chain without tasks/],
    ['a chain of nothing but such chains', chainData([chainData([])]), /A chain without tasks/],
    ['a chord without a body', chordData([task('a')], null), /The chord has no body/],
    ['a chord without a body in a header', chordData([chordData([task('a')], null)], task('b')), /The chord has no body/],
    ['chunks of nothing', chunksData(task('a'), [[1]], 0), /an integer of at least 1/],
    ['chunks of halves', chunksData(task('a'), [[1]], 1.5), /an integer of at least 1/],
    ['the same id twice in a line', groupData([chordData([task('a')], chainData([twin(), twin()]))]), /twice in one line of results/],
  ])('%s', (_, signature, message) => {
    expect(() => plan(signature)).toThrow(
      expect.objectContaining({ name: 'ImproperlyConfigured', message: expect.stringMatching(message) }),
    );
  });

  it('a canvas nested too deeply, or within itself', () => {
    const deep = (levels: number): SignatureData => (levels === 0 ? task('a') : chordData([task('h')], deep(levels - 1)));
    expect(plan(deep(256)).tasks).toHaveLength(1);
    expect(() => plan(deep(257))).toThrow(/nested more than 256 levels deep, or contains itself/);
    const tasks: SignatureData[] = [];
    const itself = groupData(tasks);
    tasks.push(itself);
    expect(() => plan(itself)).toThrow(/contains itself/);
  });

  it.each([
    ['a member that is no signature', groupData([7 as never]), 'signature.kwargs.tasks[0]', /is a number; expected an object/],
    ['no name', task(''), 'signature.task', /expected a task name/],
    ['args that are no list', { ...task('a'), args: {} as never }, 'signature.args', /expected an array/],
    ['kwargs that are no object', { ...task('a'), kwargs: [] as never }, 'signature.kwargs', /expected an object/],
    ['options that are no object', { ...task('a'), options: 'x' as never }, 'signature.options', /expected an object/],
    ['a kind that there is none', { ...task('a'), subtask_type: 'ring' }, 'signature.subtask_type', /expected chain, group, chord/],
    ['a chain that lists nothing', chainData(undefined as never), 'signature.kwargs.tasks', /expected an array of signatures/],
    ['a header of numbers', chordData([1], task('b')), 'signature.kwargs.header[0]', /expected an object/],
    ['no header', chordData(undefined, task('b')), 'signature.kwargs.header', /expected an object/],
    ['a body of text', chordData([], 'b' as never), 'signature.kwargs.body', /expected an object/],
    ['a map over no list', mapData('xmap', task('a'), 1 as never), 'signature.kwargs.it', /expected an array/],
    ['a map of nothing', mapData('xmap', null as never, []), 'signature.kwargs.task', /expected an object/],
  ])('a malformed signature: %s', (_, signature, path, message) => {
    expect(() => plan(signature)).toThrow(expect.objectContaining({ name: 'EncodeError', path, message: expect.stringMatching(message) }));
  });
});

const twin = (): SignatureData => task('a', [], { options: { task_id: 'twin' } });

describe('what is left to others', () => {
  it('args, kwargs and options may be missing or null, as in signatures that others wrote short', () => {
    const short = { task: 'a', args: null, kwargs: undefined, options: null } as unknown as SignatureData;
    expect(plan(short).tasks).toEqual([{ task: 'a', args: [], kwargs: {}, options: { task_id: 'our-1' } }]);
  });

  it('options that are null or undefined are not given', () => {
    const [only] = plan(task('a', [], { options: { queue: 'q', shadow: null } }), { options: { queue: undefined, priority: null } }).tasks;
    expect(only!.options).toEqual({ queue: 'q', task_id: 'our-1' });
  });

  it('no reply_to is made up', () => {
    expect(plan(chainData([task('a'), task('b')])).tasks[0]!.options).not.toHaveProperty('reply_to');
    expect(plan(chainData([task('a'), task('b')]), { replyTo: 'me' }).tasks[0]!.options).toHaveProperty('reply_to', 'me');
  });

  it('add_to_parent says whether there are children, and is not passed on', () => {
    const signature = task('a');
    expect(plan(signature).children).toEqual([[['our-1', null], null]]);
    const quiet = plan(signature, { options: { add_to_parent: false } });
    expect(quiet.children).toEqual([]);
    expect(quiet.tasks[0]!.options).not.toHaveProperty('add_to_parent');
  });

  it('a name like __proto__ is an option like any other', () => {
    const options = JSON.parse('{"__proto__": {"polluted": true}, "stamped_headers": ["__proto__"]}');
    const [only] = plan(groupData([task('a', [], { options })]), { options }).tasks;
    expect(Object.hasOwn(only!.options, '__proto__')).toBe(true);
    expect((only!.options as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('many members', () => {
  it.each([
    ['group', groupData(many(10_000)), 10_000],
    ['chord', chordData(many(10_000), task('sum')), 10_000],
    ['chord with a large body', chordData(many(10_000), groupData(many(1000))), 10_000],
    ['chain', chainData(many(10_000)), 1],
    ['group of chains', groupData(many(10_000).map((one) => chainData([one, task('then')]))), 10_000],
    ['chunks', chunksData(task('a'), Array.from({ length: 100_000 }, (_, index) => [index]), 10), 10_000], // biome-ignore format: a table
  ])('a %s is planned in time that grows with them', (_, signature, count) => {
    const before = performance.now();
    const { tasks } = plan(signature);
    expect(tasks).toHaveLength(count);
    expect(performance.now() - before).toBeLessThan(5000);
  });

  it('parts of a chord share one body', () => {
    const { tasks, chords } = plan(chordData(many(3), groupData(many(3))));
    expect(new Set(tasks.map(({ options }) => options['chord']))).toEqual(new Set([chords[0]!.body]));
    expect(tasks.every(({ options }) => options['chord'] === chords[0]!.body)).toBe(true);
  });
});

describe('chords', () => {
  it('say how often the fallback may look, where they do', () => {
    const chord = chordData([task('a')], task('b'), { options: { interval: 3, max_retries: 7 } });
    expect(plan(chord).chords[0]).toMatchObject({ size: 1, interval: 3, maxRetries: 7 });
  });

  it('call an errback of the whole on their header, too, where the setting says so', () => {
    const chain = chainData([chordData([task('a')], task('b')), task('c')], { options: { link_error: [task('eb')] } });
    const errbacks = (on: boolean): unknown => plan(chain, { errbacksOnChordHeader: on }).tasks[0]!.options['link_error'];
    expect(errbacks(false)).toBeUndefined();
    expect(errbacks(true)).toMatchObject([{ task: 'eb' }]);
  });

  it('may be given their body by the call', () => {
    const { chords } = plan(chordData([task('a')], null), { kwargs: { body: task('late'), x: 1 } });
    expect(chords[0]!.body.task).toBe('late');
  });
});
