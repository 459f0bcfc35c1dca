/** Signatures, against the examples that AWS publishes and against the SDK's own signer. Both ways of hashing give the same. */

import * as nodeCrypto from 'node:crypto';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNodeSigner } from '../../../../src/transports/sqs-fetch/node-signer.ts';
import { type Signable, type SigningScope, toStamp } from '../../../../src/transports/sqs-fetch/signature.ts';
import { createWebSigner } from '../../../../src/transports/sqs-fetch/web-signer.ts';

const SIGNERS = [
  ['node:crypto', (scope: SigningScope) => createNodeSigner(nodeCrypto, scope)],
  ['Web Crypto', (scope: SigningScope) => createWebSigner(crypto, scope)],
] as const;

/** Of AWS's published test suite for Signature Version 4 (aws-sig-v4-test-suite). */
const IDENTITY = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const SCOPE = { region: 'us-east-1', service: 'service' };
const STAMP = '20150830T123600Z';
const BASE = [
  ['host', 'example.amazonaws.com'],
  ['x-amz-date', STAMP],
] as const;
const PUBLISHED: readonly (readonly [name: string, request: Signable, signature: string])[] = [
  [
    'get-vanilla',
    { method: 'GET', path: '/', headers: BASE, body: '' },
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  ],
  [
    'post-vanilla',
    { method: 'POST', path: '/', headers: BASE, body: '' },
    '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  ],
  [
    'post-x-www-form-urlencoded',
    { method: 'POST', path: '/', headers: [['content-type', 'application/x-www-form-urlencoded'], ...BASE], body: 'Param1=value1' },
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
];

describe.each(SIGNERS)('a signature by %s', (_name, create) => {
  it.each(PUBLISHED)('is the published one: %s', async (_case, request, signature) => {
    const names = request.headers.map(([name]) => name).join(';');
    expect(await create(SCOPE).sign(request, IDENTITY, STAMP)).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
    );
  });

  it('is the one that the SDK makes of the same request', async () => {
    await fc.assert(
      fc.asyncProperty(REQUESTS, async ({ scope, identity, sessionToken, host, path, target, body, ms }) => {
        const stamp = toStamp(ms);
        const headers = Object.entries({
          'content-type': 'application/x-amz-json-1.0',
          host,
          'x-amz-date': stamp,
          ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
          'x-amz-target': target,
          'x-amzn-query-mode': 'true',
        });
        const ours = await create(scope).sign({ method: 'POST', path, headers, body }, identity, stamp);
        expect(ours).toBe(await bySdk({ scope, identity: { ...identity, sessionToken }, path, headers, body, ms }));
      }),
      { numRuns: 200 },
    );
  });

  it('is made with the key of its day, its secret and its region', async () => {
    const request = { method: 'POST', path: '/', headers: BASE, body: 'b' };
    const sign = async (scope: SigningScope, secretAccessKey: string, stamps: readonly string[]) => {
      const signer = create(scope);
      const texts = [];
      for (const stamp of stamps) texts.push(await signer.sign(request, { accessKeyId: 'a', secretAccessKey }, stamp));
      return texts;
    };
    const days = [STAMP, '20150831T123600Z', STAMP];
    const [first, next, again] = await sign(SCOPE, 's', days);
    expect(again).toBe(first);
    const others = [next, ...(await sign(SCOPE, 't', days)), ...(await sign({ ...SCOPE, region: 'eu-west-1' }, 's', days))];
    expect(others).not.toContain(first);
    expect(new Set(others.slice(0, 3)).size).toBe(3);
  });
});

it('is dated in UTC, to the second', () => {
  expect(toStamp(Date.UTC(2015, 7, 30, 12, 36, 0, 999))).toBe(STAMP);
});

const word = fc.stringMatching(/^[A-Za-z0-9]{1,20}$/);
const visible = fc.stringMatching(/^[\x21-\x7e]{1,40}$/);
const REQUESTS = fc.record({
  scope: fc.record({ region: fc.constantFrom('us-east-1', 'eu-central-1', 'cn-north-1'), service: fc.constant('sqs') }),
  identity: fc.record({ accessKeyId: word, secretAccessKey: visible }),
  sessionToken: fc.option(visible, { nil: undefined }),
  host: fc.constantFrom('sqs.us-east-1.amazonaws.com', '127.0.0.1:4566', '[::1]:9324'),
  path: fc.constantFrom('/', '/sqs/', '/a%20b/c/'),
  target: word.map((operation) => `AmazonSQS.${operation}`),
  body: fc.string({ unit: 'binary', maxLength: 300 }).map((text) => text.toWellFormed()),
  ms: fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) }),
});

interface SdkSigner {
  sign(request: object, options: { signingDate: Date }): Promise<{ readonly headers: Readonly<Record<string, string>> }>;
}

interface ToSign {
  readonly scope: SigningScope;
  readonly identity: object;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly ms: number;
}

// As the SDK finds it, of whose packages it is one.
const sdk = createRequire(createRequire(import.meta.url).resolve('@aws-sdk/client-sqs'));
const { SignatureV4 } = sdk('@smithy/signature-v4') as { SignatureV4: new (options: object) => SdkSigner };

class Sha256 {
  readonly hash: nodeCrypto.Hash | nodeCrypto.Hmac;
  constructor(key?: Uint8Array) {
    this.hash = key === undefined ? nodeCrypto.createHash('sha256') : nodeCrypto.createHmac('sha256', key);
  }
  update(data: Uint8Array): void {
    this.hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.hash.digest());
  }
}

async function bySdk({ scope, identity, path, headers, body, ms }: ToSign): Promise<string | undefined> {
  const signer = new SignatureV4({ ...scope, credentials: identity, sha256: Sha256, applyChecksum: false });
  const request = { method: 'POST', protocol: 'https:', hostname: 'h', path, query: {}, headers: Object.fromEntries(headers), body };
  return (await signer.sign(request, { signingDate: new Date(ms) })).headers['authorization'];
}
