import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scheduleName, schedulePrefix } from '../../../src/schedulers/schedule-name.ts';

const ETA = 1_900_000_000_000;

it('a wait has the same name however often it is asked for', () => {
  expect(scheduleName('id', 0, ETA)).toBe(scheduleName('id', 0, ETA));
});

it('another task, another retry and another eta have another name', () => {
  const names = [scheduleName('id', 0, ETA), scheduleName('other', 0, ETA), scheduleName('id', 1, ETA), scheduleName('id', 0, ETA + 1)];
  expect(new Set([...names, scheduleName('id', 11, 1), scheduleName('id', 1, 11)]).size).toBe(6);
});

it('a name is one that Scheduler takes, whatever the task id, and begins with the prefix of its task', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.double(), fc.double(), (id, retries, etaMs) => {
      const name = scheduleName(id, retries, etaMs);
      expect(name).toMatch(/^[0-9a-zA-Z\-_.]{45}$/);
      expect(name.startsWith(schedulePrefix(id))).toBe(true);
    }),
    { numRuns: 100 },
  );
});
