/**
 * Node's own modules, where there is Node: asked for by name when they are needed, so that this loads in runtimes without them.
 * Not `import('node:http')`: that reads every export, and one of them loads undici, 20 ms of a cold start.
 */

/** `process.getBuiltinModule` of Node itself; undefined in runtimes that play it, whose `fetch` is their own and the better way. */
export function nodeModules(): typeof process.getBuiltinModule | undefined {
  const runtime = globalThis.process;
  const versions = runtime?.versions;
  // A Worker that plays Node has versions without a number.
  if (!versions?.uv || 'bun' in versions || 'deno' in versions) return undefined;
  return runtime.getBuiltinModule?.bind(runtime);
}
