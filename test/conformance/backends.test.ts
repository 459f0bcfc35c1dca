/** The backend suite over memory. */

import { describe, it } from 'vitest';
import { createMemoryBackend } from '../../src/backends/memory.ts';
import { type BackendUnderTest, backendSuite } from '../../src/testing/backend-suite.ts';

describe('the memory backend', () => {
  const make = (): BackendUnderTest => {
    let nowMs = Date.UTC(2030, 0, 1);
    const backend = createMemoryBackend({ clock: { now: () => nowMs } });
    return {
      backend,
      other: backend,
      pass: async (seconds) => {
        nowMs += seconds * 1000;
      },
    };
  };
  for (const { name, run } of backendSuite(make)) it(name, run);
});
