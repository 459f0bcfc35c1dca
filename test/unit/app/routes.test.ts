import { describe, expect, it } from 'vitest';
import { createRouteLookup, type Routes } from '../../../src/app/routes.ts';

const queueOf = (routes: Routes, name: string) => createRouteLookup(routes)(name, [], {}, {})?.queue;

describe('routes', () => {
  it('find nothing where there are none', () => {
    expect(queueOf([], 'a')).toBeUndefined();
    expect(queueOf({}, 'a')).toBeUndefined();
  });

  it('match exact names before patterns, and patterns in the order given', () => {
    const routes: Routes = [
      [
        ['mail.*', 'slow'],
        ['mail.send', 'fast'],
        ['mail.s*', 'never'],
      ],
    ];
    expect(queueOf(routes, 'mail.send')).toBe('fast');
    expect(queueOf(routes, 'mail.sort')).toBe('slow');
  });

  it('read globs as Python’s fnmatch does, and only where there is a star', () => {
    expect(queueOf({ 'a.*.c': 'q' }, 'a.b.b.c')).toBe('q');
    expect(queueOf({ 'a.[bc]*': 'q' }, 'a.cx')).toBe('q');
    expect(queueOf({ 'a.[!bc]*': 'q' }, 'a.bx')).toBeUndefined();
    expect(queueOf({ 'a.?*': 'q' }, 'a.')).toBeUndefined();
    expect(queueOf({ 'a+b*': 'q' }, 'a+bc')).toBe('q');
    expect(queueOf({ 'a+b*': 'q' }, 'aab')).toBeUndefined();
    expect(queueOf({ 'a.?': 'q' }, 'a.b')).toBeUndefined();
    expect(queueOf({ '*': 'q' }, 'line\nbreak')).toBe('q');
  });

  it('match regular expressions from the start of the name, as re.match does', () => {
    expect(queueOf([[/(video|image)\..*/, 'media']], 'video.cut')).toBe('media');
    expect(queueOf([[/(video|image)\..*/, 'media']], 'old.video.cut')).toBeUndefined();
    const sticky = createRouteLookup([[/video/g, 'media']]);
    expect([sticky('video', [], {}, {}), sticky('video', [], {}, {})]).toEqual([{ queue: 'media' }, { queue: 'media' }]);
  });

  it('ask functions, and pass on when they have no answer', () => {
    const routes: Routes = [(name) => (name === 'a' ? { queue: 'one', priority: 3 } : null), { b: 'two' }, () => undefined];
    expect(createRouteLookup(routes)('a', [], {}, {})).toEqual({ queue: 'one', priority: 3 });
    expect(queueOf(routes, 'b')).toBe('two');
    expect(queueOf(routes, 'c')).toBeUndefined();
    expect(queueOf((name) => `q-${name}`, 'x')).toBe('q-x');
  });

  it('know no task by the name of an object’s own members', () => {
    expect(queueOf({ a: 'q' }, 'constructor')).toBeUndefined();
    expect(queueOf({ a: 'q' }, '__proto__')).toBeUndefined();
  });

  it('refuse a route that is neither a queue nor options', () => {
    expect(() => createRouteLookup({ a: '' })).toThrow(expect.objectContaining({ name: 'ImproperlyConfigured' }));
    expect(() => createRouteLookup({ a: 5 as never })).toThrow("The route for 'a' is 5");
  });
});
