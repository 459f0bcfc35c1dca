import { describe, expect, it } from 'vitest';
import { EncodeError } from '../../../src/errors.ts';
import { readResult, toResultDocument, writeResult } from '../../../src/wire/result.ts';

const broken = expect.objectContaining({ name: 'DecodeError', code: 'bad-value' });

describe('toResultDocument', () => {
  it('fills in what Celery always writes, in its order', () => {
    expect(JSON.stringify(toResultDocument({ task_id: 'i', status: 'STARTED' }))).toBe(
      '{"status":"STARTED","result":null,"traceback":null,"children":[],"date_done":null,"task_id":"i"}',
    );
  });

  it('orders the extended keys, and stamps after them', () => {
    const document = toResultDocument({
      task_id: 'i',
      tenant: 't',
      stamped_headers: ['tenant'],
      queue: 'celery',
      retries: 0,
      worker: 'w',
      kwargs: {},
      args: [1],
      name: 'add',
      parent_id: 'p',
      group_id: 'g',
      date_done: '2030-01-02T03:04:05+00:00',
      children: [[['c', null], null]],
      traceback: null,
      result: 5,
      status: 'SUCCESS',
    });
    expect(Object.keys(document).join(' ')).toBe(
      'status result traceback children date_done group_id parent_id name args kwargs worker retries queue stamped_headers tenant task_id',
    );
  });

  it('leaves out what is undefined and keeps a stamp called __proto__', () => {
    const stamped = JSON.parse('{"__proto__":1}') as object;
    const document = toResultDocument({ ...stamped, task_id: 'i', status: 'S', group_id: undefined as never });
    expect(Object.keys(document)).toEqual(['status', 'result', 'traceback', 'children', 'date_done', '__proto__', 'task_id']);
  });
});

describe('writeResult', () => {
  it('names the value that cannot be written', () => {
    const write = () => writeResult({ task_id: 'i', status: 'SUCCESS', result: { rows: [new Map()] } });
    expect(write).toThrow(EncodeError);
    expect(write).toThrow(expect.objectContaining({ path: 'result.rows[0]' }));
  });
});

describe('readResult', () => {
  it('needs no more than a status and an id, and keeps what it does not know', () => {
    expect(readResult('{"task_id":"i","status":"SUCCESS","runtime":"node"}')).toEqual({
      status: 'SUCCESS',
      result: null,
      traceback: null,
      children: [],
      date_done: null,
      runtime: 'node',
      task_id: 'i',
    });
  });

  it('takes a tagged datetime for date_done', () => {
    const text = '{"task_id":"i","status":"S","date_done":{"__type__":"datetime","__value__":"2030-01-02T03:04:05.000006"}}';
    expect(readResult(text).date_done).toBe('2030-01-02T03:04:05.000006');
  });

  it('reads a group with parents among the children', () => {
    const children = [
      [
        ['g', [['p', null], null]],
        [
          [['a', null], null],
          [['b', null], null],
        ],
      ],
    ];
    expect(readResult(JSON.stringify({ task_id: 'i', status: 'S', children })).children).toEqual(children);
  });

  it.each([
    '[]',
    'null',
    '5',
    '{"__type__":"date","__value__":"2030-01-02"}',
    '{"__type__":"bytes","__value__":"x"}',
    '{"task_id":"i"}',
    '{"status":"S"}',
    '{"task_id":5,"status":"S"}',
    '{"task_id":"i","status":"S","traceback":5}',
    '{"task_id":"i","status":"S","date_done":5}',
    '{"task_id":"i","status":"S","date_done":{"__type__":"date","__value__":"2030-01-02"}}',
    '{"task_id":"i","status":"S","children":{}}',
    '{"task_id":"i","status":"S","children":["c"]}',
    '{"task_id":"i","status":"S","children":[["c",null]]}',
    '{"task_id":"i","status":"S","children":[[["c",null]]]}',
    '{"task_id":"i","status":"S","children":[[[5,null],null]]}',
    '{"task_id":"i","status":"S","children":[[["c","p"],null]]}',
    '{"task_id":"i","status":"S","children":[[["c",null],5]]}',
  ])('refuses %s', (text) => {
    expect(() => readResult(text)).toThrow(broken);
  });

  it('refuses what is not JSON', () => {
    expect(() => readResult('status: SUCCESS')).toThrow(expect.objectContaining({ code: 'not-json' }));
  });
});
