import { describe, expect, it } from 'vitest';
import { chained } from '../../../src/canvas/chaining.ts';
import { linked, linkedError, pipe, stamped, withCall } from '../../../src/canvas/compose.ts';
import type { SignatureData } from '../../../src/wire/message.ts';
import { chainData, chordData, chunksData, groupData, mapData, task } from '../../support/canvas-data.ts';

const tasksOf = ({ kwargs }: SignatureData): readonly SignatureData[] => kwargs['tasks'] as readonly SignatureData[];

describe('pipe', () => {
  it('has a map be the plain task that it is on the wire', () => {
    expect(tasksOf(pipe(task('a'), mapData('xmap', task('b'), [1])))[1]).toMatchObject({
      task: 'celery.map',
      subtask_type: null,
      immutable: true,
    });
  });

  it('clones a chord for each step of a chain that follows it, as piping the steps one by one does', () => {
    const immutable = chainData([task('b'), task('c')], { immutable: true });
    const left = pipe(task('a'), groupData([immutable, task('d')]));
    const atOnce = pipe(left, chainData([task('e'), task('f')]));
    expect(atOnce).toEqual(pipe(pipe(left, task('e')), task('f')));
    expect(tasksOf(atOnce)[1]).toMatchObject({ kwargs: { header: [{ immutable: false }, task('d')] } });
  });

  it('refuses a canvas that contains itself', () => {
    const tasks: SignatureData[] = [];
    const endless = chainData(tasks);
    tasks.push(endless);
    for (const compose of [() => pipe(endless, task('a')), () => pipe(task('a'), endless), () => withCall(endless, { args: [1] })])
      expect(compose).toThrow(/contains itself/);
  });

  it('has a header that is a group be the list of its members', () => {
    expect(pipe(chordData(groupData([task('a'), task('b')]), task('c')), task('d')).kwargs).toMatchObject({
      header: [task('a'), task('b')],
      body: { subtask_type: 'chain' },
    });
    expect(pipe(chordData(task('a'), task('c')), task('d')).kwargs['header']).toEqual([task('a')]);
    expect(pipe(chordData(chordData([task('a')], task('b')), task('c')), task('d')).kwargs['header']).toMatchObject([
      { task: 'celery.chord' },
    ]);
  });

  it('fills in what is left out of a signature within', () => {
    const given = { task: 'celery.chain', kwargs: { tasks: [{ task: 'a' }] }, subtask_type: 'chain' } as unknown as SignatureData;
    expect(pipe(given, task('b'))).toEqual(chainData([task('a'), task('b')]));
  });

  it.each([
    ['no object', 'a', /signature is a string/],
    ['no task', { kwargs: {} }, /signature.task is undefined/],
    ['no list of arguments', { task: 'a', args: {} }, /signature.args is an object/],
    ['no object of keywords', { task: 'a', kwargs: [] }, /signature.kwargs is an array/],
    ['no kind there is', { task: 'a', subtask_type: 'x' }, /signature.subtask_type is a string/],
    ['no list of tasks', { task: 'a', kwargs: { tasks: 1 }, subtask_type: 'chain' }, /signature.kwargs.tasks is a number/],
    ['no task in it', { task: 'a', kwargs: { tasks: [1] }, subtask_type: 'chain' }, /signature.kwargs.tasks\[0\] is a number/],
    ['no task deep inside', chainData([task('b'), groupData([task('c'), { task: '' } as never])]), /tasks\[1\].kwargs.tasks\[1\].task/],
    ['nothing to map', { task: 'celery.map', kwargs: { task: task('a') }, subtask_type: 'xmap' }, /signature.kwargs.it is undefined/],
    ['nobody to map with', { task: 'celery.map', kwargs: { it: [] }, subtask_type: 'xmap' }, /signature.kwargs.task is undefined/],
    ['no body that is one', chordData([task('a')], { task: 1 } as never), /signature.kwargs.body.task is a number/],
    ['no header', { task: 'a', kwargs: { body: task('b') }, subtask_type: 'chord' }, /signature.kwargs.header is undefined/],
  ])('refuses what has %s', (_, signature, message) => {
    expect(() => pipe(signature as never, task('b'))).toThrow(
      expect.objectContaining({ name: 'EncodeError', message: expect.stringMatching(message) }),
    );
  });

  it('refuses what follows a chord that has no body to follow', () => {
    expect(() => pipe(chordData([task('a')], null), task('b'))).toThrow(/The chord has no body/);
  });
});

describe('chained', () => {
  const many = (count: number): SignatureData[] => Array.from({ length: count }, (_, index) => task('t', [index]));

  it.each([
    ['tasks', many(10_000)],
    ['tasks after a group', [groupData(many(2)), ...many(10_000)]],
    ['tasks and a chain', [chainData(many(5000)), ...many(5000)]],
    ['groups and tasks', Array.from({ length: 100 }, () => [groupData(many(2)), ...many(100)]).flat()],
  ])('of many %s is done in time that grows with them', (_, steps) => {
    const before = performance.now();
    expect(['chain', 'chord']).toContain(chained(steps).subtask_type);
    expect(performance.now() - before).toBeLessThan(3000);
  });
});

describe('links', () => {
  it('are not added twice, whatever their order of keys', () => {
    const when = new Date('2031-01-01');
    const callback = task('cb', [1, { a: [when], b: 2 }]);
    const { task: name, ...fields } = task('cb', [1, { b: 2, a: [new Date('2031-01-01')] }]);
    const again = { ...fields, task: name };
    expect(linked(linked(task('a'), callback), again).options['link']).toHaveLength(1);
    expect(linked(linked(task('a'), callback), task('cb', [1, { b: 2, a: [new Date(0)] }])).options['link']).toHaveLength(2);
  });

  it.each([
    [[1], [1, 2]],
    [{ a: 1 }, { b: 1 }],
    [{ a: 1 }, { a: 1, b: 1 }],
    [[1], { 0: 1 }],
    [{ 0: 1 }, [1]],
    [null, {}],
    [new Date(0), null],
    [new Date(0), 'x'],
    [new Date(0), new Uint8Array(1)],
  ])('%j is another argument than %j', (first, second) => {
    expect(linkedError(linkedError(task('a'), task('eb', [first])), task('eb', [second])).options['link_error']).toHaveLength(2);
  });

  it('may be one signature that stands alone', () => {
    expect(linked(task('a', [], { options: { link: task('one') } }), task('two')).options['link']).toMatchObject([
      { task: 'one' },
      { task: 'two' },
    ]);
  });

  it('may be maps, as the plain tasks that they are on the wire', () => {
    expect(linked(task('a'), mapData('xstarmap', task('b'), [[1]])).options['link']).toMatchObject([{ subtask_type: null }]);
  });

  it('have no place on a group without members, which errbacks do not mind', () => {
    expect(() => linked(groupData([]), task('cb'))).toThrow(/A group without members cannot be linked/);
    expect(linkedError(groupData([]), task('eb'))).toEqual(groupData([]));
  });

  it('are refused when they are no signatures', () => {
    expect(() => linked(task('a'), 'cb' as never)).toThrow(expect.objectContaining({ name: 'EncodeError' }));
  });
});

describe('withCall', () => {
  it('keeps a map a map while only options change', () => {
    expect(withCall(mapData('xmap', task('a'), [1]), { options: { queue: 'q' } })).toMatchObject({
      subtask_type: 'xmap',
      options: { queue: 'q' },
    });
    expect(withCall(chunksData(task('a'), [1], 1), { immutable: true }).subtask_type).toBe('chunks');
  });

  it('puts arguments in front, and none where the signature takes none', () => {
    expect(withCall(task('a', [2]), { args: [1], kwargs: { x: 1 } })).toMatchObject({ args: [1, 2], kwargs: { x: 1 } });
    expect(withCall(task('a', [2], { immutable: true }), { args: [1], kwargs: { x: 1 } })).toMatchObject({ args: [2], kwargs: {} });
    expect(withCall(chordData([task('a')], task('b'), { immutable: true }), { args: [1] }).args).toEqual([]);
  });

  it('makes the header of a chord immutable, and the members of a group', () => {
    const chord = withCall(chordData([task('a')], task('b')), { immutable: true });
    expect(chord).toMatchObject({ immutable: false, kwargs: { header: [{ immutable: true }], body: { immutable: false } } });
    expect(tasksOf(withCall(groupData([task('a')]), { immutable: true }))).toMatchObject([{ immutable: true }]);
    expect(withCall(chainData([task('a')]), { immutable: true })).toMatchObject({
      immutable: true,
      kwargs: { tasks: [{ immutable: false }] },
    });
  });
});

describe('stamped', () => {
  const onSignature = (): undefined => undefined;

  it('asks a visitor in the order in which it meets things', () => {
    const met: string[] = [];
    const meet = (what: string) => (signature: SignatureData) => {
      met.push(`${what} ${signature.task.replace('celery.', '')}`);
      return undefined;
    };
    const canvas = chainData([linked(task('a'), task('cb')), chordData([task('b')], groupData([linkedError(task('c'), task('eb'))]))]);
    stamped(canvas, {
      onSignature: meet('task'),
      onGroupStart: meet('group'),
      onGroupEnd: meet('end'),
      onChainStart: meet('chain'),
      onChainEnd: meet('end'),
      onChordBody: meet('body of'),
      onCallback: meet('callback'),
      onErrback: meet('errback'),
    });
    expect(met).toEqual([
      ...['chain chain', 'callback cb', 'task cb', 'task a', 'group group', 'task b', 'end group', 'body of chord'],
      ...['group group', 'errback eb', 'task eb', 'task c', 'end group', 'end chain'],
    ]);
  });

  it('tells a visitor the stamps so far', () => {
    const told: unknown[] = [];
    stamped(groupData([task('a')]), {
      onGroupStart: () => ({ who: 'me' }),
      onSignature: (_, stamps) => {
        told.push(stamps);
        return { n: 1 };
      },
    });
    expect(told).toEqual([{ who: 'me', stamped_headers: ['who'] }]);
  });

  it('leaves the body of a chord alone without a visitor, and a chord without one', () => {
    const chord = stamped(chordData([task('a')], task('b')), { who: 'me' });
    expect(chord.kwargs['header']).toMatchObject([{ options: { who: 'me' } }]);
    expect(chord.kwargs['body']).toMatchObject({ options: {} });
    expect(stamped(chordData([task('a')], null), { onSignature }).kwargs['body']).toBeNull();
  });

  it('asks nothing else of a visitor that knows headers itself', () => {
    const ends: string[] = [];
    const visitor = { onSignature, onChordHeaderStart: () => undefined, onGroupEnd: () => ends.push('group') };
    expect(stamped(chordData([task('a')], task('b')), visitor).kwargs['header']).toBeInstanceOf(Array);
    stamped(chordData([task('a')], task('b')), { onSignature, onChordHeaderEnd: () => ends.push('header') });
    expect(ends).toEqual(['header']);
  });

  it.each([
    ['texts', 'a', 'b', 'a', ['a', 'b']],
    ['lists', ['a'], ['b'], ['a', 'b'], ['a', 'b']],
    ['a list and a text', ['a'], 'b', ['a'], ['a', 'b']],
    ['a text and a list', 'a', ['b'], 'a', ['a', 'b']],
    ['nothing and a text', null, 'b', null, ['b']],
    ['objects', { x: 1 }, { x: 2, y: 3 }, { x: 1, y: 3 }, { x: [1, 2], y: 3 }],
    ['an object and a text', { x: 1 }, 'b', { x: 1 }, { x: 1 }],
  ])('of two stamps, %s, the newer one stays, or both where asked', (_, newer, older, kept, both) => {
    const twice = (append: boolean): unknown => stamped(stamped(task('a'), { who: older }), { who: newer }, append).options['who'];
    expect(twice(false)).toEqual(kept);
    expect(twice(true)).toEqual(both);
  });
});
