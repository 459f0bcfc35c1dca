import { describe, expect, it, vi } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { chain } from '../../../src/canvas/chain.ts';
import { chord } from '../../../src/canvas/chord.ts';
import { group } from '../../../src/canvas/group.ts';
import { Signature } from '../../../src/canvas/signature.ts';
import { writeJson } from '../../../src/wire/json-write.ts';
import { createRecordingSender, plain } from '../../support/signatures.ts';

const { sign } = createRecordingSender();

/** Freezes all of a signature's data, so that whoever changes it throws. */
function frozen<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) frozen(part);
  return Object.freeze(value);
}

describe('a signature', () => {
  it('is what it says of itself, on the wire and in JSON', () => {
    const data = plain('add', [2], { kwargs: { y: 1 }, options: { queue: 'x' }, immutable: true });
    const signature = new Signature(data, undefined);
    const { task, args, kwargs, options, immutable, subtaskType } = signature;
    expect({ task, args, kwargs, options, immutable, subtask_type: subtaskType }).toEqual(data);
    expect(signature.toData()).toEqual(data);
    expect(JSON.parse(writeJson([signature]))).toEqual([data]);
    expect(JSON.parse(JSON.stringify(signature))).toEqual(data);
  });

  it('is never changed: what every method gives is another one', () => {
    const data = frozen(plain('add', [2], { options: { link: [plain('a')], link_error: [plain('b')] } }));
    const signature = new Signature<[unknown], unknown>(data, undefined);
    const made = [
      signature.partial([1]),
      signature.set({ countdown: 3 }),
      signature.setImmutable(),
      signature.link(sign('c')),
      signature.linkError(sign('d')),
      signature.stamp({ tenant: 'acme' }),
      signature.pipe(sign('e')),
    ];
    for (const other of made) {
      expect(other).not.toBe(signature);
      expect(other.toData()).not.toEqual(data);
    }
    expect(signature.toData()).toBe(data);
  });
});

describe('partial()', () => {
  it('puts arguments before its own, keywords and options over them', () => {
    const signature = new Signature<[unknown], unknown>(plain('add', [2], { kwargs: { a: 1, b: 1 }, options: { queue: 'x' } }), undefined);
    const { args, kwargs, options } = signature.partial([1], { kwargs: { b: 2 }, countdown: 3 });
    expect({ args, kwargs, options }).toEqual({ args: [1, 2], kwargs: { a: 1, b: 2 }, options: { queue: 'x', countdown: 3 } });
  });

  it('means the first task of a chain, each member of a group, and the header of a chord', () => {
    const given = [[1], { kwargs: { k: 2 }, queue: 'x' }] as const;
    const filled = (task: string, more = {}) => plain(task, [1], { kwargs: { k: 2 }, ...more });
    expect(
      chain(sign('a'), sign('b'))
        .partial(...given)
        .toData(),
    ).toEqual(plain('celery.chain', [], { kwargs: { tasks: [filled('a'), plain('b')] }, options: { queue: 'x' }, subtask_type: 'chain' }));
    expect(group(sign('a'), chain(sign('b'), sign('c'))).partial(...given).kwargs).toEqual({
      tasks: [filled('a'), expect.objectContaining({ kwargs: { tasks: [filled('b'), plain('c')] } })],
    });
    expect(
      chord([sign('a')], sign('b'))
        .partial([1])
        .toData(),
    ).toMatchObject({ args: [1], kwargs: { header: [plain('a')], body: plain('b') } });
  });

  it('leaves the arguments of an immutable one as they are', () => {
    const signature = sign('add', 2)
      .setImmutable()
      .partial([1], { kwargs: { b: 2 }, countdown: 3 });
    expect(signature).toMatchObject({ args: [2], kwargs: {}, options: { countdown: 3 } });
  });
});

describe('set()', () => {
  it('writes options under Celery’s names, over those of the same name', () => {
    const signature = sign('add')
      .set({ countdown: 1, softTimeLimit: 2 })
      .set({ countdown: 3, taskId: 'x', stamps: { tenant: 'acme' } });
    expect(signature.options).toEqual({
      countdown: 3,
      soft_time_limit: 2,
      task_id: 'x',
      stamped_headers: ['tenant'],
      tenant: 'acme',
    });
  });

  it('replaces the links there are', () => {
    const signature = sign('add')
      .link(sign('a'))
      .set({ link: sign('b') });
    expect(signature.options['link']).toEqual([plain('b')]);
  });

  it.each([
    [{ contdown: 3 }, "did you mean 'countdown'?"],
    [{ exchange: 'x' }, 'SQS has queues and no exchanges'],
    [{ link: 'x' }, 'The option link takes signatures'],
    [{ linkError: [sign('a'), null] }, 'The option linkError takes signatures'],
    [{ chord: 1 }, 'The option chord takes signatures'],
  ])('refuses %o', (options, reason) => {
    for (const call of [() => sign('add').set(options as never), () => sign('add').partial([], options as never)]) {
      expect(call).toThrow(expect.objectContaining({ name: 'ImproperlyConfigured', message: expect.stringContaining(reason) }));
    }
  });
});

describe('link() and linkError()', () => {
  it('take several, and each one once', () => {
    const signature = sign('add').link(sign('a'), sign('b')).link(sign('a')).linkError(sign('c')).linkError(sign('c'), sign('d'));
    expect(signature.options).toEqual({ link: [plain('a'), plain('b')], link_error: [plain('c'), plain('d')] });
  });

  it('of none change nothing', () => {
    expect(sign('add').link().linkError().toData()).toEqual(plain('add'));
  });

  it.each([true, false])('ask the app whether errbacks go to a chord’s header: %s', (errbacksOnChordHeader) => {
    const app = createRecordingSender(errbacksOnChordHeader);
    const { header, body } = group(app.sign('a'), app.sign('b')).pipe(app.sign('c')).linkError(sign('d')).toData().kwargs as {
      header: { tasks: readonly { options: object }[] } | readonly { options: object }[];
      body: { options: object };
    };
    expect(body.options).toMatchObject({ link_error: [{ task: 'd' }] });
    expect(JSON.stringify(header).includes('"link_error"')).toBe(errbacksOnChordHeader);
  });

  it.each([
    ['a task', createApp('a').task('mail.send', () => 1), "found the task 'mail.send': call its s()."],
    ['its name', 'add', 'found a value of type string.'],
    ['plain data', plain('add'), 'found a value of type object.'],
    ['null', null, 'found null.'],
  ])('refuse %s', (_what, value, reason) => {
    for (const call of [
      () => sign('a').link(value as never),
      () => sign('a').linkError(value as never),
      () => sign('a').pipe(value as never),
    ])
      expect(call).toThrow(expect.objectContaining({ name: 'ImproperlyConfigured', message: expect.stringContaining(reason) }));
  });
});

describe('stamp()', () => {
  it('takes stamps as they are', () => {
    expect(sign('add').stamp({ tenant: 'acme' }).options).toMatchObject({ tenant: 'acme', stamped_headers: ['tenant'] });
  });

  it('asks a visitor', () => {
    const onSignature = vi.fn(() => ({ mark: 1 }));
    expect(sign('add').stamp({ onSignature }).options).toMatchObject({ mark: 1, stamped_headers: ['mark'] });
    expect(onSignature).toHaveBeenCalledWith(expect.objectContaining({ task: 'add' }), expect.anything());
  });

  it('replaces a stamp there is, or appends to it', () => {
    const stamped = sign('add').stamp({ tenant: 'acme' });
    expect(stamped.stamp({ tenant: 'ajax' }).options['tenant']).toEqual('ajax');
    expect([stamped.stamp({ tenant: 'ajax' }, { append: true }).options['tenant']].flat().sort()).toEqual(['acme', 'ajax']);
  });
});

describe('pipe()', () => {
  it('makes a chain, and a longer one of a chain', () => {
    const piped = sign('a').pipe(sign('b'), sign('c')).pipe(sign('d'));
    expect(piped).toMatchObject({
      task: 'celery.chain',
      subtaskType: 'chain',
      kwargs: { tasks: [plain('a'), plain('b'), plain('c'), plain('d')] },
    });
    expect(piped.toData()).toEqual(chain(sign('a'), sign('b'), sign('c'), sign('d')).toData());
  });
});

describe('applyAsync() and delay()', () => {
  it('hand what is called to the sender', async () => {
    const { sign, sent } = createRecordingSender();
    expect(await sign('a', 1).applyAsync([2], { countdown: 3 })).toMatchObject({ id: 'sent-1' });
    await sign('a').applyAsync();
    await sign('a').delay(4, 5);
    await sign('a').pipe(sign('b')).delay(6);
    expect(sent.map(({ call }) => call)).toEqual([
      { args: [2], options: { countdown: 3 } },
      { args: [], options: {} },
      { args: [4, 5], options: {} },
      { args: [6], options: {} },
    ]);
    expect(sent[3]?.data.task).toBe('celery.chain');
  });

  it('need an array of arguments, and somebody who sends', async () => {
    await expect(sign('a').applyAsync(3 as never)).rejects.toThrow('applyAsync takes its arguments as an array');
    await expect(group().applyAsync()).rejects.toThrow('An empty group belongs to no app');
  });
});
