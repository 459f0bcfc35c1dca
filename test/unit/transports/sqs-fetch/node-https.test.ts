/** HTTPS over node:https: who is at the other end is checked, and the connection is kept as one without TLS is. */

import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import { createNodeHttp } from '../../../../src/transports/sqs-fetch/node-http.ts';
import { resolvePlace } from '../../../../src/transports/sqs-fetch/place.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { selfSigned } from '../../../support/self-signed.ts';

const REQUEST = { headers: [['host', 'localhost']] as const, body: '{}', timeoutMs: 10_000 };
const trusted = tls.getCACertificates('default');
const open: (() => void)[] = [];

afterEach(() => {
  tls.setDefaultCACertificates(trusted);
  for (const close of open.splice(0)) close();
});

async function start() {
  const { keyPem, certificate } = selfSigned({ names: ['localhost'] });
  const server = createServer({ key: keyPem, cert: certificate }, (request, response) => void request.pipe(response)).listen(0);
  await once(server, 'listening');
  let connections = 0;
  server.on('secureConnection', () => (connections += 1));
  const endpoint = `https://localhost:${(server.address() as AddressInfo).port}`;
  const place = resolvePlace({ region: 'us-east-1', endpoint });
  const http = createNodeHttp(process.getBuiltinModule, place, createFakeClock());
  open.push(() => {
    http.close();
    server.close();
  });
  return { http, certificate, connections: () => connections };
}

it('a server that nobody vouches for is not given the request', async () => {
  const { http } = await start();
  await expect(http.post(REQUEST)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});

it('a server that is vouched for answers, over one connection', async () => {
  const { http, certificate, connections } = await start();
  tls.setDefaultCACertificates([certificate]);
  for (let count = 0; count < 3; count++) expect(await http.post(REQUEST)).toMatchObject({ status: 200, text: '{}' });
  expect(connections()).toBe(1);
});
