import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { connectSigned, createAuthApp, kmsKey } from '../../../docs/examples/signing.ts';
import { resize } from '../../../docs/examples/tasks.ts';
import { createRecordingTransport } from '../../support/recording.ts';
import { selfSigned } from '../../support/self-signed.ts';
import { readSent } from '../../support/worker.ts';
import { check, codeOf, KEY, OTHER_KEY, outgoingWith, sealed, signatureIn, signingWith } from './signed.ts';

/** KMS with one key, as its GenerateMac and VerifyMac answer. */
function createFakeKms(secret = OTHER_KEY) {
  const calls: string[] = [];
  const mac = (message: Uint8Array) => {
    if (message.length > 4096) throw new Error('ValidationException');
    return createHmac('sha256', secret).update(message).digest();
  };
  return {
    calls,
    async generateMac({ KeyId, MacAlgorithm, Message }: { KeyId: string; MacAlgorithm: string; Message: Uint8Array }) {
      calls.push(`generate ${KeyId} ${MacAlgorithm}`);
      return { Mac: new Uint8Array(mac(Message)) };
    },
    async verifyMac({ KeyId, MacAlgorithm, Message, Mac }: { KeyId: string; MacAlgorithm: string; Message: Uint8Array; Mac: Uint8Array }) {
      calls.push(`verify ${KeyId} ${MacAlgorithm}`);
      if (!mac(Message).equals(Mac)) throw Object.assign(new Error('no'), { name: 'KMSInvalidMacException' });
      return { MacValid: true };
    },
  };
}

const signingOf = (kms: Parameters<typeof kmsKey>[0]) => signingWith({ keys: { kms: kmsKey(kms, 'arn') }, current: 'kms' });

describe('a key in KMS', () => {
  it('signs and checks, a request each, whatever the size of the message', async () => {
    const kms = createFakeKms();
    const signing = signingOf(kms);
    const { body } = await sealed(outgoingWith({ args: ['x'.repeat(100_000)] }), { signing });
    expect(await check(body, { signing })).toBeUndefined();
    expect(kms.calls).toEqual(['generate arn HMAC_SHA_256', 'verify arn HMAC_SHA_256']);
  });

  it('refuses what another key signed', async () => {
    const { body } = await sealed(outgoingWith(), { signing: signingOf(createFakeKms('z'.repeat(32))) });
    expect(await codeOf(body, { signing: signingOf(createFakeKms()) })).toBe('bad-signature');
  });

  it('that cannot be asked gives no verdict, and lets nothing be sent', async () => {
    const kms = createFakeKms();
    const { body } = await sealed(outgoingWith(), { signing: signingOf(kms) });
    const throttled = () => Promise.reject(new Error('ThrottlingException'));
    const down = signingOf({ generateMac: throttled, verifyMac: throttled });
    await expect(check(body, { signing: down })).rejects.toThrow('ThrottlingException');
    await expect(sealed(outgoingWith(), { signing: down })).rejects.toMatchObject({ name: 'OperationalError', retryable: true });
    const silent = signingOf({ ...kms, generateMac: async () => ({}) });
    await expect(sealed(outgoingWith(), { signing: silent })).rejects.toMatchObject({ cause: new Error('KMS answered without a code.') });
  });
});

it('an app signs with its current key', async () => {
  const transport = createRecordingTransport();
  connectSigned(transport, { spring: KEY, autumn: OTHER_KEY });
  await resize.delay('https://example.com/a.png');
  expect(signatureIn(transport.sent[0]!.body)).toMatch(/^v1\.2030-09\.\d+\.[\w-]{43}\.celery$/);
});

it("an app writes and reads Celery's auth", async () => {
  const [ours, python] = [selfSigned(), selfSigned({ serial: 2 })];
  const transport = createRecordingTransport();
  const app = createAuthApp({ key: ours.keyPem, certificate: ours.certificate, python: python.certificate }).connect({ transport });
  await app.sendTask('echo', [1]);
  expect(() => readSent(transport.sent[0]!)).toThrow('The body\'s content type "application/data" is not accepted.');
});
