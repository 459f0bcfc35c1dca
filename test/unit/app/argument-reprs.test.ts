import { describe, expect, it } from 'vitest';
import { discreetReprs, shownArguments } from '../../../src/app/argument-reprs.ts';
import type { TaskDefaults } from '../../../src/app/options.ts';

const VALUES = { settings: { taskArgsrepr: 'values' } } as const;
const TYPES = { settings: { taskArgsrepr: 'types' } } as const;
const reprs = (
  defaults: TaskDefaults | undefined,
  discretion: Parameters<typeof discreetReprs>[1] = VALUES,
  args: unknown[] | null = ['4111', 2],
) => discreetReprs({ task: 'pay', args, kwargs: { pin: 1234 }, defaults }, discretion);

describe('what headers say of arguments', () => {
  it('is theirs to say where nothing is hidden', () => {
    expect(reprs(undefined)).toBeUndefined();
    expect(reprs({ sensitive: [] })).toBeUndefined();
    expect(reprs({ argsrepr: 'values' }, TYPES)).toBeUndefined();
  });

  it('is types, by task or setting', () => {
    const types = { argsrepr: '(<str of 4>, <int>)', kwargsrepr: "{'pin': <int>}" };
    expect(reprs({ argsrepr: 'types' })).toEqual(types);
    expect(reprs(undefined, TYPES)).toEqual(types);
  });

  it('has a mask in place of what is sensitive', () => {
    expect(reprs({ sensitive: ['0', 'pin'] })).toEqual({ argsrepr: "('***', 2)", kwargsrepr: "{'pin': '***'}" });
    expect(reprs({ sensitive: ['0'], argsrepr: 'types' })).toEqual({ argsrepr: "('***', <int>)", kwargsrepr: "{'pin': <int>}" });
  });

  it('is None for arguments that cannot be read', () => {
    expect(reprs({ argsrepr: 'types' }, VALUES, null)?.argsrepr).toBe('None');
    expect(reprs({ sensitive: ['0'] }, VALUES, null)?.argsrepr).toBe('None');
  });
});

describe('Celery’s own tasks', () => {
  const defaultsOf = (name: string): TaskDefaults | undefined =>
    new Map<string, TaskDefaults>([
      ['pay', { sensitive: ['0'] }],
      ['quiet', { argsrepr: 'types' }],
    ]).get(name);
  const discretion = { ...VALUES, defaultsOf };
  const map = (inner: string) => ({
    task: 'celery.map',
    args: [],
    kwargs: { task: { task: inner, args: [] }, it: ['4111'] },
    defaults: undefined,
  });

  it('say types where what they carry is private', () => {
    expect(discreetReprs(map('pay'), discretion)?.kwargsrepr).toBe("{'task': <dict of 2>, 'it': <list of 1>}");
    expect(discreetReprs(map('quiet'), discretion)).toBeDefined();
    const unlock = {
      task: 'celery.chord_unlock',
      args: ['id', { task: 'x', args: [], options: { link: [{ task: 'pay', args: ['4111'] }] } }],
    };
    expect(discreetReprs({ ...unlock, kwargs: {}, defaults: undefined }, discretion)?.argsrepr).toBe('(<str of 2>, <dict of 3>)');
  });

  it('say values where it is not, or where nothing is known of it', () => {
    expect(discreetReprs(map('add'), discretion)).toBeUndefined();
    expect(discreetReprs(map('pay'), VALUES)).toBeUndefined();
    expect(discreetReprs({ ...map('pay'), task: 'own.map' }, discretion)).toBeUndefined();
  });

  it('show no argument of a sensitive task', () => {
    expect(shownArguments(map('pay'), discretion)).toEqual({ args: [], kwargs: { task: '***', it: '***' } });
    expect(shownArguments(map('quiet'), discretion).kwargs).toEqual(map('quiet').kwargs);
    expect(shownArguments({ task: 'pay', args: ['4111', 2], kwargs: {}, defaults: defaultsOf('pay') }, discretion).args).toEqual([
      '***',
      2,
    ]);
  });
});
