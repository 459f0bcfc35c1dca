import type { SQSClientConfig } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createCredentialSource, type SqsFetchCredentials } from '../../../../src/transports/sqs-fetch/credentials.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

const SECRET = 'never-to-be-shown';
const keys = (accessKeyId: string, expiration?: Date): SqsFetchCredentials => ({ accessKeyId, secretAccessKey: SECRET, expiration });

afterEach(() => void vi.unstubAllEnvs());

describe('credentials of the environment', () => {
  it('are those that Lambda sets', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'A').stubEnv('AWS_SECRET_ACCESS_KEY', 'S').stubEnv('AWS_SESSION_TOKEN', 'T');
    const source = createCredentialSource(undefined, createFakeClock());
    expect(await source.current()).toMatchObject({ accessKeyId: 'A', secretAccessKey: 'S', sessionToken: 'T' });
  });

  it('are missed with the three ways to give them, and found once they are there', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'A').stubEnv('AWS_SECRET_ACCESS_KEY', '').stubEnv('AWS_SESSION_TOKEN', '');
    const source = createCredentialSource(undefined, createFakeClock());
    const error = await Promise.resolve()
      .then(() => source.current())
      .catch((reason: Error) => reason);
    expect(error).toMatchObject({ name: 'ImproperlyConfigured' });
    for (const way of ['AWS_ACCESS_KEY_ID', 'keys', 'a function', 'provider of the AWS SDK'])
      expect((error as Error).message).toContain(way);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'S');
    expect(await source.current()).toMatchObject({ secretAccessKey: 'S', sessionToken: undefined });
  });

  it('are read again when SQS takes them for expired', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'A').stubEnv('AWS_SECRET_ACCESS_KEY', 'S').stubEnv('AWS_SESSION_TOKEN', 'T');
    const source = createCredentialSource(undefined, createFakeClock());
    const first = await source.current();
    expect(await source.renew(first)).toBe(false);
    vi.stubEnv('AWS_SESSION_TOKEN', 'U');
    expect(await source.renew(await source.current())).toBe(true);
    expect(await source.current()).toMatchObject({ sessionToken: 'U' });
  });
});

describe('credentials that are given', () => {
  it('stay, expired or not', async () => {
    const source = createCredentialSource(keys('A'), createFakeClock());
    expect(await source.current()).toMatchObject({ accessKeyId: 'A' });
    expect(await source.renew(await source.current())).toBe(false);
  });

  it.each<[object, string]>([
    [{ secretAccessKey: SECRET }, 'accessKeyId'],
    [{ accessKeyId: 'A', secretAccessKey: `${SECRET}\n` }, 'secretAccessKey'],
    [{ accessKeyId: 'A', secretAccessKey: 7 }, 'secretAccessKey'],
    [{ accessKeyId: 'A', secretAccessKey: SECRET, sessionToken: `${SECRET}\r\nx: y` }, 'sessionToken'],
    [{ accessKeyId: 'A', secretAccessKey: SECRET, expiration: new Date('?') }, 'expiration'],
  ])('of the wrong form are refused by the name of the part, and not shown', (given, part) => {
    const make = () => createCredentialSource(given as SqsFetchCredentials, createFakeClock());
    expect(make).toThrow(new RegExp(`^\`credentials\` gave .*${part}`));
    expect(make).not.toThrow(new RegExp(SECRET));
  });
});

describe('credentials that a function gives', () => {
  it('are kept until five minutes before they end', async () => {
    const clock = createFakeClock();
    const provider = vi.fn(() => keys(`A${provider.mock.calls.length}`, new Date(clock.now() + 3_600_000)));
    const source = createCredentialSource(provider, clock);
    for (const minutes of [0, 30, 24]) {
      await clock.advance(minutes * 60_000);
      expect(await source.current()).toMatchObject({ accessKeyId: 'A1' });
    }
    await clock.advance(60_000);
    expect(await source.current()).toMatchObject({ accessKeyId: 'A2' });
  });

  it('are kept for good where they do not end', async () => {
    const clock = createFakeClock();
    const provider = vi.fn(async () => keys('A'));
    const source = createCredentialSource(provider, clock);
    await source.current();
    await clock.advance(1e12);
    await source.current();
    expect(provider).toHaveBeenCalledTimes(1);
  });

  it('are asked for once by all who come meanwhile, and again after a failure', async () => {
    const provider = vi.fn(async () => keys('A')).mockRejectedValueOnce(new Error('no metadata service'));
    const source = createCredentialSource(provider, createFakeClock());
    const refused = await Promise.allSettled([source.current(), source.current()]);
    expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await Promise.all([source.current(), source.current()])).toMatchObject([{ accessKeyId: 'A' }, { accessKeyId: 'A' }]);
    expect(provider).toHaveBeenCalledTimes(2);
  });

  it('are asked for anew once by all whose requests came back as expired', async () => {
    const provider = vi.fn(async () => keys(`A${provider.mock.calls.length}`));
    const source = createCredentialSource(provider, createFakeClock());
    const expired = await source.current();
    expect(await Promise.all([source.renew(expired), source.renew(expired)])).toEqual([true, true]);
    expect(await source.renew(expired)).toBe(true);
    expect(provider).toHaveBeenCalledTimes(2);
  });

  it('may be what a provider of the SDK gives', async () => {
    const provider: SQSClientConfig['credentials'] = async () => ({ accessKeyId: 'A', secretAccessKey: SECRET, accountId: '1' });
    expect(await createCredentialSource(provider, createFakeClock()).current()).toMatchObject({ accessKeyId: 'A' });
  });

  it('are refused when they are none', async () => {
    const source = createCredentialSource(async () => undefined as never, createFakeClock());
    await expect(source.current()).rejects.toThrow('The function `credentials` gave no usable accessKeyId');
  });
});
