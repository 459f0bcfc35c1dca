import { afterEach, describe, expect, it, vi } from 'vitest';
import { nodeModules } from '../../../../src/transports/sqs-fetch/node-modules.ts';

const getBuiltinModule = (): undefined => undefined;

afterEach(() => vi.unstubAllGlobals());

describe("Node's modules", () => {
  it('are asked for on Node', () => {
    expect(nodeModules()?.('node:path')).toBe(process.getBuiltinModule('node:path'));
  });

  it.each([
    ['a runtime without a process', undefined],
    ['a Worker with nodejs_compat', { versions: { node: '22.19.0', uv: '' }, getBuiltinModule }],
    ['Deno', { versions: { node: '24.2.0', uv: '1.52.1', deno: '2.9.6' }, getBuiltinModule }],
    ['Bun', { versions: { node: '24.3.0', uv: '1.48.0', bun: '1.4.5' }, getBuiltinModule }],
  ])('are not asked for in %s', (_, process) => {
    vi.stubGlobal('process', process);
    const found = nodeModules();
    vi.unstubAllGlobals();
    expect(found).toBeUndefined();
  });
});
