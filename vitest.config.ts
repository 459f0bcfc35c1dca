import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const src = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^celeriac$/, replacement: src('index.ts') },
      { find: /^celeriac\/transports\/memory$/, replacement: src('transports/memory.ts') },
      { find: /^celeriac\/(backends|large-messages|ledgers|schedulers)\/(\w+)$/, replacement: src('$1/$2.ts') },
      { find: /^celeriac\/(.+)$/, replacement: src('$1/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/interop/live/**', 'test/artifact/**', 'node_modules/**'],
    testTimeout: 20_000,
    typecheck: { enabled: false },
    coverage: { provider: 'v8', include: ['src/**'], reporter: ['text-summary', 'json-summary'] },
  },
});
