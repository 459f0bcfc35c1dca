/**
 * Loaded with --import before aws-lambda-ric: stands in for rapid-client.node, its native addon, which takes a C++ build to install.
 * The addon's three calls, spoken over node:http; the rest of the client is the real one.
 */

import Module from 'node:module';

const http = process.getBuiltinModule('node:http');

interface Answer {
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** The addon posts before it returns; here `next` waits for the post instead, so that the order is the same. */
let posted: Promise<unknown> = Promise.resolve();

const rapidClient = {
  async next(): Promise<{ readonly bodyJson: string; readonly headers: Answer['headers'] }> {
    await posted;
    const { body, headers } = await call('GET', 'next');
    return { bodyJson: body, headers };
  },
  done(requestId: string, body: string): void {
    posted = call('POST', `${requestId}/response`, body);
  },
  error(requestId: string, body: string, xrayCause: string): void {
    posted = call('POST', `${requestId}/error`, body, { 'Lambda-Runtime-Function-XRay-Error-Cause': xrayCause });
  },
};

const agent = new http.Agent({ keepAlive: true });

function call(method: string, path: string, body = '', headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const url = `http://${process.env['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation/${path}`;
    const request = http.request(url, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ body: Buffer.concat(chunks).toString('utf8'), headers: response.headers }));
      response.on('error', reject);
    });
    request.on('error', reject).end(body);
  });
}

type Load = (request: string, ...rest: readonly unknown[]) => unknown;
const modules = Module as unknown as { _load: Load };
const load = modules._load;
modules._load = (request, ...rest) => (request.endsWith('/rapid-client.node') ? rapidClient : load(request, ...rest));
