import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type AuthCodecOptions, createAuthCodec } from '../../../src/signing/auth-codec.ts';
import { createCodecs, jsonCodec } from '../../../src/wire/codecs.ts';
import { readMessage } from '../../../src/wire/protocol-read.ts';
import { writeMessage } from '../../../src/wire/protocol-write.ts';
import { base64, fieldsWith, thrownBy } from '../../support/messages.ts';
import { readText } from '../../support/recorded.ts';
import { rsaPair, selfSigned } from '../../support/self-signed.ts';
import { changed } from './signed.ts';

interface Fixture {
  readonly sqs: { readonly MessageBody: string };
  readonly certificate_pem: string;
}

const fixture = (name: string): Fixture => JSON.parse(readText(`celery/${name}.json`));
const RECORDED = fixture('serializer-auth');
const clock = { now: () => Date.UTC(2030, 0, 1) };
const pair = rsaPair();
const me = selfSigned({ pair });
const codecWith = (more: Partial<AuthCodecOptions> = {}) =>
  createAuthCodec({ key: me.keyPem, certificate: me.certificate, trusted: [me.certificate], clock, ...more });
const decodersOf = (more: Partial<AuthCodecOptions> = {}) => createCodecs({ codecs: [codecWith(more)], acceptContent: ['auth'] });

const SEPARATOR = '\u0000\u0001';
/** The text taken apart, changed, and put together again. */
const repacked = (text: string, change: (fields: string[]) => void): string => {
  const fields = Buffer.from(text, 'base64').toString('latin1').split(SEPARATOR);
  change(fields);
  return Buffer.from(fields.join(SEPARATOR), 'latin1').toString('base64');
};

describe('what Celery wrote', () => {
  it('is read', () => {
    const message = readMessage(RECORDED.sqs.MessageBody, { codecs: decodersOf({ trusted: [RECORDED.certificate_pem] }) });
    expect(message).toMatchObject({
      contentType: 'application/data',
      args: [1, 'two'],
      kwargs: { k: null },
      headers: { task: 'proj.tasks.echo' },
    });
  });

  it('is refused without its certificate', () => {
    expect(thrownBy(() => readMessage(RECORDED.sqs.MessageBody, { codecs: decodersOf() }))).toMatchObject({
      name: 'DecodeError',
      code: 'bad-codec-output',
      message: expect.stringMatching(
        /^The body's signature does not hold: "fixture-signer \d+" signed it, whose certificate is not among `trusted`\.$/,
      ),
    });
  });

  it('is refused once the certificate has expired', () => {
    const codecs = decodersOf({ trusted: [RECORDED.certificate_pem], clock: { now: () => Date.UTC(2036, 10, 19, 16, 43, 46) } });
    expect(thrownBy(() => readMessage(RECORDED.sqs.MessageBody, { codecs })).message).toMatch(
      /certificate "fixture-signer \d+" has expired/,
    );
  });

  it('is refused from before 5.5, which put signer and signature in bare', () => {
    const old = fixture('serializer-auth@5.2.6');
    const codecs = decodersOf({ trusted: [old.certificate_pem] });
    expect(thrownBy(() => readMessage(old.sqs.MessageBody, { codecs })).name).toBe('DecodeError');
  });

  it('may be a task of another name: its headers are not signed, which is why there is signing', () => {
    const swapped = changed(RECORDED.sqs.MessageBody, ({ headers }) => Object.assign(headers, { task: 'proj.tasks.drop_all', retries: 3 }));
    const message = readMessage(swapped, { codecs: decodersOf({ trusted: [RECORDED.certificate_pem] }) });
    expect(message).toMatchObject({ args: [1, 'two'], headers: { task: 'proj.tasks.drop_all', retries: 3 } });
  });
});

describe('what is written', () => {
  it('is read', () => {
    const text = writeMessage(fieldsWith({ args: ['Grüße 🎉', { n: 2n ** 70n }], codec: codecWith() }));
    expect(readMessage(text, { codecs: decodersOf() })).toMatchObject({
      args: ['Grüße 🎉', { n: 2n ** 70n }],
      contentType: 'application/data',
    });
  });

  it('has five parts, as Celery packs them', () => {
    const packed = Buffer.from(String(codecWith().encode([1])), 'base64')
      .toString('latin1')
      .split(SEPARATOR);
    expect([packed[0], ...packed.slice(2)]).toEqual([base64('celeriac-test 4711'), 'application/json', 'utf-8', '[1]']);
    expect(Buffer.from(packed[1] ?? '', 'base64')).toHaveLength(256);
  });

  it.each([['sha384'], ['sha512']] as const)('with %s is read with it, and not with another', (digest) => {
    const text = codecWith({ digest }).encode([1]);
    expect(codecWith({ digest }).decode(text)).toEqual([1]);
    expect(thrownBy(() => codecWith().decode(text)).message).toMatch(/not what "celeriac-test 4711" signed/);
  });

  it('by a key whose size is no multiple of 8 is read', () => {
    const odd = selfSigned({ pair: rsaPair(2049) });
    const codec = createAuthCodec({ key: odd.key, certificate: odd.certificate, trusted: [odd.certificate] });
    expect(codec.decode(codec.encode({ a: 1 }))).toEqual({ a: 1 });
  });

  it('names the issuer by all its values, and the serial number', () => {
    const { key, certificate } = selfSigned({ pair, names: ['A, B', 'Zoë'], serial: 4_000_000_000 });
    const text = createAuthCodec({ key, certificate, trusted: [] }).encode(1);
    expect(Buffer.from(String(text), 'base64').toString('latin1').split(SEPARATOR)[0]).toBe(base64('A, B Zoë 4000000000'));
  });

  it('is nothing without a key, or with a certificate that has expired', () => {
    const reader = createAuthCodec({ trusted: [me.certificate] });
    expect(thrownBy(() => writeMessage(fieldsWith({ codec: reader })))).toMatchObject({
      name: 'EncodeError',
      message: 'The auth codec has no key to sign with; give createAuthCodec key and certificate.',
    });
    const { key, certificate } = selfSigned({ pair, notAfter: '290101000000Z' });
    expect(thrownBy(() => codecWith({ key, certificate }).encode(1)).message).toBe(
      "The certificate 'celeriac-test 4711' that signs has expired.",
    );
  });

  it('heeds untagged, as JSON does', () => {
    expect(codecWith().decode(codecWith().encode(new Date(0), { untagged: true }))).toBe('1970-01-01T00:00:00Z');
  });
});

describe('what was changed on the way', () => {
  const codec = codecWith();
  const text = String(codec.encode(['pay', 10]));

  it('is refused wherever a character of it is another', () => {
    for (let at = 0; at < text.length; at += 3) {
      const flipped = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
      const thrown = decoded(flipped);
      // The inner encoding is not read, and the signature of the inner type is none.
      if (thrown === undefined) expect(Buffer.from(flipped, 'base64').toString('latin1')).toContain(`${SEPARATOR}["pay",10]`);
      else expect(thrown).toMatchObject({ name: 'DecodeError' });
    }
  });

  const decoded = (changedText: string): unknown => {
    try {
      expect(codec.decode(changedText)).toEqual(['pay', 10]);
      return undefined;
    } catch (error) {
      return error;
    }
  };

  it.each<[what: string, change: (fields: string[]) => void, message: RegExp]>([
    ['another body', (fields) => fields.splice(4, 1, '["pay",99]'), /it is not what "celeriac-test 4711" signed/],
    ['a longer body', (fields) => fields.push('more'), /it is not what/],
    ['another signer', (fields) => fields.splice(0, 1, base64('someone 1')), /"someone 1" signed it, whose certificate/],
    ['a signer of the prototype', (fields) => fields.splice(0, 1, base64('constructor')), /"constructor" signed it, whose certificate/],
    ['a signer in bare', (fields) => fields.splice(0, 1, 'celeriac-test 4711'), /base64/],
    ['no signature', (fields) => fields.splice(1, 1, ''), /it is not what/],
    [
      'another inner type',
      (fields) => fields.splice(2, 1, 'application/x-python-serialize'),
      /"application\/x-python-serialize"; only JSON/,
    ],
    ['a part missing', (fields) => fields.splice(2, 1), /it is not what Celery 5\.5 and later write/],
  ])('like %s is refused', (_what, change, message) => {
    expect(thrownBy(() => codec.decode(repacked(text, change)))).toMatchObject({
      name: 'DecodeError',
      message: expect.stringMatching(message),
    });
  });

  it('like a salt shorter than Celery takes is refused', () => {
    const body = '["pay",10]';
    const weak = sign('sha256', Buffer.from(body), { key: me.key, padding: 6, saltLength: 20 }).toString('base64');
    expect(thrownBy(() => codec.decode(repacked(text, (fields) => fields.splice(1, 1, weak)))).message).toMatch(/it is not what/);
  });

  it('is refused as text that is no base64, and as bytes that are no text', () => {
    expect(thrownBy(() => codec.decode('{}'))).toMatchObject({ code: 'bad-base64' });
    expect(thrownBy(() => codec.decode(Uint8Array.of(255)))).toMatchObject({ code: 'bad-utf8' });
    expect(codec.decode(Buffer.from(text))).toEqual(['pay', 10]);
  });

  it('is refused when what was signed is no JSON, or nests too deep', () => {
    const signedText = (body: string) => {
      const signature = sign('sha256', Buffer.from(body), { key: me.key, padding: 6, saltLength: 222 }).toString('base64');
      return repacked(text, (fields) => fields.splice(1, 4, signature, 'application/json', 'utf-8', body));
    };
    expect(codec.decode(signedText('[1]'))).toEqual([1]);
    expect(thrownBy(() => codec.decode(signedText('[1')))).toMatchObject({ code: 'not-json' });
    expect(thrownBy(() => codec.decode(signedText('[[1]]'), { depth: 1 }))).toMatchObject({ code: 'too-deep' });
  });
});

describe('options', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  it.each<[what: string, more: Partial<AuthCodecOptions>, message: RegExp]>([
    ['a digest that is not known', { digest: 'md5' as never }, /digest is 'md5'; expected sha256, sha384, sha512/],
    ['a digest of the prototype', { digest: 'constructor' as never }, /digest is 'constructor'/],
    ['a key that is none', { key: 'secret' }, /key is no private key in PEM, or has a passphrase/],
    ['a certificate that is none', { certificate: 'x' }, /^certificate is no X\.509 certificate in PEM/],
    ['a trusted certificate that is none', { trusted: [me.certificate, 'x'] }, /^trusted\[1\] is no X\.509/],
    ['one that is trusted twice', { trusted: [me.certificate, me.certificate] }, /'celeriac-test 4711' is among `trusted` twice/],
    ['the certificate of another', { certificate: selfSigned().certificate }, /not that of the key/],
    [
      'a key that is not RSA',
      { trusted: [selfSigned({ pair: ec }).certificate] },
      /of the type ec; Celery's auth serializer takes RSA alone/,
    ],
  ])('with %s are refused', (_what, more, message) => {
    const thrown = thrownBy(() => codecWith(more));
    expect(thrown).toMatchObject({ name: 'ImproperlyConfigured', message: expect.stringMatching(message) });
  });

  it('with a key or a certificate alone are refused', () => {
    for (const half of [{ key: me.keyPem }, { certificate: me.certificate }])
      expect(() => createAuthCodec({ ...half, trusted: [] })).toThrow('createAuthCodec needs key and certificate both, or neither.');
  });

  it('take a public key for no private one', () => {
    expect(() => codecWith({ key: createPublicKey(me.key) })).toThrow(expect.objectContaining({ name: 'ImproperlyConfigured' }));
  });

  it('default to the clock of the system', () => {
    const codec = createAuthCodec({ key: me.keyPem, certificate: me.certificate, trusted: [me.certificate] });
    expect(codec.decode(codec.encode(jsonCodec.name))).toBe('json');
  });
});
