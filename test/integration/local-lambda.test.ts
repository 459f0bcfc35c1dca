import { execFile, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type LambdaLogLine, type LambdaOptions, type LocalLambda, startLambda } from '../../src/local/index.ts';
import { type Bundle, writeBundle } from '../support/lambda-bundle.ts';
import { runtimesUnderTest } from '../support/ric.ts';

const bundles: Bundle[] = [];
const lambdas: LocalLambda[] = [];

const bundleOf = async (source: string, file?: string): Promise<Bundle> => {
  const bundle = await writeBundle(source, file);
  bundles.push(bundle);
  return bundle;
};

afterEach(async () => {
  await Promise.all(lambdas.splice(0).map((lambda) => lambda.close()));
  await Promise.all(bundles.splice(0).map((bundle) => bundle.remove()));
});

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe.each(runtimesUnderTest())('a function under %s', (_, runtime) => {
  const start = async (source: string, options: Partial<LambdaOptions> & { file?: string } = {}) => {
    const { file, ...rest } = options;
    const { bundleDir } = await bundleOf(source, file);
    const lines: LambdaLogLine[] = [];
    const lambda = await startLambda({ bundleDir, handler: 'worker.handler', onLog: (line) => lines.push(line), ...runtime, ...rest });
    lambdas.push(lambda);
    return { lambda, lines };
  };

  const answerOf = async (lambda: LocalLambda, event: unknown = {}): Promise<unknown> => {
    const result = await lambda.invoke(event);
    if (!result.ok) throw new Error(`${result.errorType}: ${result.message}`);
    return JSON.parse(result.payload);
  };

  it('is given the event, the context and its own environment only', async () => {
    process.env['CELERIAC_SECRET_OF_THE_PARENT'] = 'x';
    const source = `export const handler = async (event, context) => ({
      event, ms: context.getRemainingTimeInMillis(), id: context.awsRequestId, name: context.functionName, memory: context.memoryLimitInMB,
      arn: context.invokedFunctionArn, group: context.logGroupName, stream: context.logStreamName, version: context.functionVersion,
      mine: process.env.MINE, theirs: process.env.CELERIAC_SECRET_OF_THE_PARENT, engine: process.env.AWS_EXECUTION_ENV,
      handler: process.env._HANDLER, root: process.env.LAMBDA_TASK_ROOT === process.cwd(), zone: new Date(0).getHours(),
    });`;
    const { lambda } = await start(source, { env: { MINE: '1', _HANDLER: 'no' }, timeoutMs: 5000, memoryMb: 256, functionName: 'worker' });
    const answer = (await answerOf(lambda, { text: 'grüße' })) as { ms: number };
    expect(answer).toMatchObject({
      event: { text: 'grüße' },
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'worker',
      memory: '256',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:worker',
      group: '/aws/lambda/worker',
      stream: expect.stringContaining('[$LATEST]'),
      version: '$LATEST',
      mine: '1',
      engine: 'AWS_Lambda_nodejs24.x',
      handler: 'worker.handler',
      root: true,
      zone: 0,
    });
    expect(answer).not.toHaveProperty('theirs');
    expect(answer.ms).toBeGreaterThan(3000);
    expect(answer.ms).toBeLessThanOrEqual(5000);
    delete process.env['CELERIAC_SECRET_OF_THE_PARENT'];
  });

  it('stays warm between invocations, one environment for each at the same time', async () => {
    const source = `let n = 0; export const handler = async () => {
      n += 1; await new Promise((done) => setTimeout(done, 300)); return { n, pid: process.pid }; };`;
    const { lambda } = await start(source);
    const first = await Promise.all([answerOf(lambda), answerOf(lambda)]);
    expect(lambda.coldStarts()).toBe(2);
    expect(new Set(first.map((answer) => (answer as { pid: number }).pid)).size).toBe(2);
    const third = (await answerOf(lambda)) as { n: number; pid: number };
    expect(third.n).toBe(2);
    expect(lambda.coldStarts()).toBe(2);
    await lambda.close();
    expect(isRunning(third.pid)).toBe(false);
  });

  it('answers null when the handler returns nothing', async () => {
    const { lambda } = await start('export const handler = async () => {};');
    await expect(lambda.invoke(undefined)).resolves.toEqual({ ok: true, payload: 'null' });
  });

  it('fails with what the handler threw, and stays warm', async () => {
    const { lambda } = await start(
      `export const handler = async (event) => { if (event.bad === 'text') throw 'plain'; if (event.bad) throw new TypeError('no ' + event.bad); return 1; };`,
    );
    await expect(lambda.invoke({ bad: 'luck' })).resolves.toEqual({ ok: false, errorType: 'TypeError', message: 'no luck' });
    await expect(lambda.invoke({ bad: 'text' })).resolves.toEqual({ ok: false, errorType: 'string', message: 'plain' });
    await expect(answerOf(lambda)).resolves.toBe(1);
    expect(lambda.coldStarts()).toBe(1);
  });

  it('is killed at its time limit, even in an endless loop, and replaced', async () => {
    const { lambda } = await start(`export const handler = async (event) => { for (; event.loop; ); return process.pid; };`, {
      timeoutMs: 700,
    });
    await answerOf(lambda);
    const result = await lambda.invoke({ loop: true });
    expect(result).toMatchObject({
      ok: false,
      errorType: 'Sandbox.Timedout',
      message: expect.stringContaining('Task timed out after 0.70 seconds'),
    });
    await answerOf(lambda);
    expect(lambda.coldStarts()).toBe(2);
  });

  it.each([
    ['exits', 'process.exit(3)', 'Runtime exited with error: exit status 3'],
    ['exits without an error', 'process.exit(0)', 'Runtime exited without providing a reason'],
    ['is killed', `process.kill(process.pid, 'SIGKILL')`, 'Runtime exited with error: signal: killed'],
    ['is aborted', 'process.abort()', 'Runtime exited with error: signal: SIGABRT'],
    ['leaves a rejection unhandled', `Promise.reject(new Error('lost'))`, 'Runtime exited with error: exit status 1'],
  ])('an environment that %s fails its invocation and is replaced', async (_how, code, message) => {
    const { lambda } = await start(
      `export const handler = async (event) => { if (event.die) { ${code}; await new Promise((done) => setTimeout(done, 2000)); } return 1; };`,
    );
    const result = await lambda.invoke({ die: true });
    expect(result).toMatchObject({ ok: false, errorType: 'Runtime.ExitError', message: expect.stringContaining(message) });
    await expect(answerOf(lambda)).resolves.toBe(1);
    expect(lambda.coldStarts()).toBe(2);
  });

  it('an environment that dies between invocations is not used again', async () => {
    const { lambda } = await start(`export const handler = async () => { setTimeout(() => process.exit(1), 50); return process.pid; };`);
    const pid = (await answerOf(lambda)) as number;
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false));
    await answerOf(lambda);
    expect(lambda.coldStarts()).toBe(2);
  });

  it.each([
    [
      'three parameters',
      'export const handler = (event, context, callback) => callback();',
      'Runtime.CallbackHandlerDeprecated',
      /callback-based/,
    ],
    ['no such export', 'export const other = 1;', 'Runtime.HandlerNotFound', /worker\.handler is undefined or not exported/],
    ['an export that is no function', 'export const handler = 1;', 'Runtime.HandlerNotFound', /worker\.handler is not a function/],
    ['a syntax error', 'export const handler = (', 'Runtime.UserCodeSyntaxError', /SyntaxError/],
    ['a throw at load', `throw new RangeError('at load');`, 'RangeError', /^at load$/],
    ['an exit at load', 'process.exit(4);', 'Runtime.ExitError', /exit status 4/],
  ])('a module with %s fails at init', async (_what, source, errorType, message) => {
    const { lambda } = await start(source);
    await expect(lambda.invoke({})).resolves.toEqual({ ok: false, errorType, message: expect.stringMatching(message) });
  });

  it.each([
    ['missing', 'elsewhere.handler', 'Runtime.ImportModuleError'],
    ['without a dot', 'worker', 'Runtime.MalformedHandlerName'],
    ['outside the bundle', '../worker.handler', 'Runtime.MalformedHandlerName'],
  ])('a handler name that is %s fails at init', async (_what, handler, errorType) => {
    const { lambda } = await start('export const handler = async () => 1;', { handler });
    await expect(lambda.invoke({})).resolves.toMatchObject({ ok: false, errorType });
  });

  it.each([
    ['a CommonJS module', 'exports.handler = async () => 1;', 'worker.cjs', 'worker.handler'],
    ['a nested export', 'export const api = { handler: async () => 1 };', 'worker.mjs', 'worker.api.handler'],
    ['a default export', 'export default { handler: async () => 1 };', 'worker.mjs', 'worker.handler'],
  ])('the handler may be in %s', async (_what, source, file, handler) => {
    const { lambda } = await start(source, { file, handler });
    await expect(answerOf(lambda)).resolves.toBe(1);
  });

  it('the handler may be in an ES module called .js, in a folder', async () => {
    const { bundleDir } = await bundleOf('{"type":"module"}', 'package.json');
    await mkdir(join(bundleDir, 'src'));
    await writeFile(join(bundleDir, 'src/worker.js'), 'export const handler = async () => import.meta.url.length > 0;');
    const lambda = await startLambda({ bundleDir, handler: 'src/worker.handler', ...runtime });
    lambdas.push(lambda);
    await expect(answerOf(lambda)).resolves.toBe(true);
  });

  it('passes on what the function and the platform write, by line', async () => {
    const { lambda, lines } = await start(
      `export const handler = async () => { process.stdout.write('one\\ntwo\\n'); process.stderr.write('three\\n'); throw new Error('four'); };`,
    );
    await lambda.invoke({});
    await vi.waitFor(() => expect(lines.map((line) => line.source)).toContain('stderr'));
    const textsOf = (source: string) => lines.filter((line) => line.source === source).map((line) => line.text);
    expect(textsOf('stderr')).toEqual(['three']);
    expect(textsOf('stdout').slice(0, 2)).toEqual(['one', 'two']);
    expect(textsOf('stdout')[2]).toMatch(/\tERROR\tInvoke Error ?\t\{.*four/);
    expect(textsOf('platform')).toEqual([
      expect.stringMatching(/^START RequestId: \S+ Version: \$LATEST$/),
      expect.stringMatching(/^END RequestId: /),
      expect.stringMatching(/^REPORT RequestId: \S+\tDuration: \d+ ms\tStatus: error\tError Type: Error$/),
    ]);
  });

  it('an answer over 6 MB fails, an event over 6 MB is not sent', async () => {
    const { lambda } = await start(`export const handler = async (event) => 'x'.repeat(event.size ?? 0);`);
    await expect(lambda.invoke({ size: 7_000_000 })).resolves.toMatchObject({ ok: false, errorType: 'Function.ResponseSizeTooLarge' });
    await expect(lambda.invoke({ text: 'x'.repeat(7_000_000) })).resolves.toMatchObject({
      ok: false,
      errorType: 'RequestTooLargeException',
    });
    await expect(answerOf(lambda)).resolves.toBe('');
  });

  it('an environment does not outlive a parent that is killed, even in an endless loop', async () => {
    const { bundleDir } = await bundleOf(
      `import { writeFileSync } from 'node:fs'; export const handler = () => { writeFileSync('pid', String(process.pid)); for (;;); };`,
    );
    const local = fileURLToPath(new URL('../../src/local/index.ts', import.meta.url));
    const options = JSON.stringify({ bundleDir, handler: 'worker.handler', ...runtime });
    const script = `import { startLambda } from ${JSON.stringify(local)}; const f = await startLambda(${options}); await f.invoke({});`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: dirname(local), stdio: 'ignore' });
    const { readFile } = await import('node:fs/promises');
    const pid = await vi.waitFor(async () => Number(await readFile(join(bundleDir, 'pid'), 'utf8')), { timeout: 5000 });
    expect(isRunning(pid)).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 5000 });
  });
});

it('a folder that is missing is refused', async () => {
  await expect(startLambda({ bundleDir: '/nowhere', handler: 'worker.handler' })).rejects.toThrow('There is no folder /nowhere');
});

it.each([undefined, '/nowhere'])('aws-lambda-ric asked for and not in %s is refused; auto takes the invoker', async (ricDir) => {
  const { bundleDir } = await bundleOf('export const handler = async () => 1;');
  const where = ricDir === undefined ? {} : { ricDir };
  const options = { bundleDir, handler: 'worker.handler', ...where };
  await expect(startLambda({ ...options, runtime: 'ric' })).rejects.toThrow('npm i aws-lambda-ric --ignore-scripts');
  const lambda = await startLambda({ ...options, runtime: 'auto' });
  lambdas.push(lambda);
  expect(lambda.runtime).toBe('invoker');
});

it('a closed function takes no more events', async () => {
  const { bundleDir } = await bundleOf('export const handler = async () => 1;');
  const lambda = await startLambda({ bundleDir, handler: 'worker.handler' });
  await lambda.close();
  await expect(lambda.invoke({})).resolves.toMatchObject({ ok: false, errorType: 'ResourceNotFoundException' });
  expect(lambda.coldStarts()).toBe(0);
});

it('the parent may exit without closing', async () => {
  const { bundleDir } = await bundleOf('export const handler = () => process.pid;');
  const local = fileURLToPath(new URL('../../src/local/index.ts', import.meta.url));
  const options = JSON.stringify({ bundleDir, handler: 'worker.handler' });
  const script = `import { startLambda } from ${JSON.stringify(local)}; const f = await startLambda(${options});
    process.stdout.write((await f.invoke({})).payload, () => process.exit(0));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  await vi.waitFor(() => expect(isRunning(Number(stdout))).toBe(false), { timeout: 5000 });
});
