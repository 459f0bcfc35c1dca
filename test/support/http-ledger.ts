/** A ledger in another process, asked over HTTP on loopback: one that outlives the environment that asks. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Ledger } from '../../src/ledgers/ledger.ts';

type Method = keyof Omit<Required<Ledger>, 'close'>;

/** The asking side. */
export function createHttpLedger(url: string): Ledger {
  const ask =
    (method: Method) =>
    async (...args: readonly unknown[]): Promise<never> => {
      const answer = await fetch(url, { method: 'POST', body: JSON.stringify({ method, args }) });
      return ((await answer.json()) as { value: never }).value;
    };
  return {
    begin: ask('begin'),
    finish: ask('finish'),
    unfinished: ask('unfinished'),
    revoke: ask('revoke'),
    revokeByStamps: ask('revokeByStamps'),
    isRevoked: ask('isRevoked'),
    claim: ask('claim'),
    renew: ask('renew'),
    settle: ask('settle'),
    release: ask('release'),
    reserve: ask('reserve'),
    unreserve: ask('unreserve'),
  };
}

/** The answering side, over any ledger. */
export async function serveLedger(ledger: Ledger): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, args } = JSON.parse(Buffer.concat(chunks).toString()) as { method: Method; args: readonly never[] };
    const value: unknown = await (ledger[method] as (...given: readonly never[]) => Promise<unknown>)(...args);
    response.end(JSON.stringify({ value }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
