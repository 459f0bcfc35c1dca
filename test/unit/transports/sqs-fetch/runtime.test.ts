/** What the lean transport finds around it: Node, something that plays Node, or neither; an environment, or none. */

import { afterEach, describe, expect, it, vi } from 'vitest';
import { readVariable } from '../../../../src/transports/sqs-fetch/environment.ts';
import { nodeModules } from '../../../../src/transports/sqs-fetch/node-modules.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

/** As it is in the process of these tests, with some of it another's. */
const playing = (more: object): object => ({ versions: process.versions, getBuiltinModule: process.getBuiltinModule, ...more });

describe('Node’s own modules', () => {
  it('are used on Node', () => {
    expect(nodeModules()?.('node:https')).toBe(process.getBuiltinModule('node:https'));
  });

  it.each<[string, unknown]>([
    ['there is no process, as in a browser and in workerd', undefined],
    ['process is a stand-in without versions', { env: {} }],
    ['it is workerd that plays Node', playing({ versions: { node: '22.19.0', uv: '' } })],
    ['it is Bun', playing({ versions: { ...process.versions, bun: '1.3.0' } })],
    ['it is Deno', playing({ versions: { ...process.versions, deno: '2.5.0' } })],
    ['Node is too old to give them', playing({ getBuiltinModule: undefined })],
  ])('are not used where %s', (_where, process) => {
    vi.stubGlobal('process', process);
    expect(nodeModules()).toBeUndefined();
  });
});

describe('a variable of the environment', () => {
  it('is the first that is set to something', () => {
    vi.stubEnv('CELERIAC_A', '').stubEnv('CELERIAC_B', 'b').stubEnv('CELERIAC_C', 'c');
    expect(readVariable('CELERIAC_A', 'CELERIAC_B', 'CELERIAC_C')).toBe('b');
    expect(readVariable('CELERIAC_A')).toBeUndefined();
  });

  it('is not set where there is no environment, or none that may be read', () => {
    const locked = new Proxy(
      {},
      {
        get() {
          throw new Error('NotCapable: Requires env access');
        },
      },
    );
    for (const process of [undefined, {}, { env: locked }]) {
      vi.stubGlobal('process', process);
      expect(readVariable('PATH')).toBeUndefined();
    }
  });
});
