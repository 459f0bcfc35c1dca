import { afterEach, describe, expect, it, vi } from 'vitest';
import { resolvePlace } from '../../../../src/transports/sqs-fetch/place.ts';

const NAMES = ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_ENDPOINT_URL_SQS', 'AWS_ENDPOINT_URL'];

function set(variables: Readonly<Record<string, string>>): void {
  for (const name of NAMES) vi.stubEnv(name, variables[name]);
}

afterEach(() => void vi.unstubAllEnvs());

describe('the region', () => {
  it.each<[object, Readonly<Record<string, string>>, string]>([
    [{ region: 'eu-west-1' }, { AWS_REGION: 'us-east-1' }, 'eu-west-1'],
    [{}, { AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-2' }, 'us-east-1'],
    [{}, { AWS_REGION: '', AWS_DEFAULT_REGION: 'us-east-2' }, 'us-east-2'],
  ])('of %j and the environment %j is %s', (options, variables, region) => {
    set(variables);
    expect(resolvePlace(options).region).toBe(region);
  });

  it('is missed by name', () => {
    set({});
    expect(() => resolvePlace({})).toThrow('No AWS region is known; give createSqsFetchTransport a region, or set AWS_REGION.');
  });

  it('is none where it would lead to another host', () => {
    set({});
    for (const region of ['us-east-1.example.com/', 'US', 'a b', ''])
      expect(() => resolvePlace({ region })).toThrow(/expected one like 'eu-central-1'/);
  });

  it.each([
    ['us-east-1', 'https://sqs.us-east-1.amazonaws.com/'],
    ['us-gov-west-1', 'https://sqs.us-gov-west-1.amazonaws.com/'],
    ['cn-north-1', 'https://sqs.cn-north-1.amazonaws.com.cn/'],
    ['eusc-de-east-1', 'https://sqs.eusc-de-east-1.amazonaws.eu/'],
    ['us-iso-east-1', 'https://sqs.us-iso-east-1.c2s.ic.gov/'],
    ['us-isob-east-1', 'https://sqs.us-isob-east-1.sc2s.sgov.gov/'],
    ['us-isof-south-1', 'https://sqs.us-isof-south-1.csp.hci.ic.gov/'],
    ['eu-isoe-west-1', 'https://sqs.eu-isoe-west-1.cloud.adc-e.uk/'],
  ])('%s is at %s', (region, url) => {
    set({});
    expect(resolvePlace({ region })).toMatchObject({ url, isSecure: true, path: '/', port: '' });
  });
});

describe('the endpoint', () => {
  const region = 'us-east-1';
  it.each<[object, Readonly<Record<string, string>>, string]>([
    [{ endpoint: 'http://a:1' }, { AWS_ENDPOINT_URL_SQS: 'http://b:1' }, 'http://a:1/'],
    [{}, { AWS_ENDPOINT_URL_SQS: 'http://b:1', AWS_ENDPOINT_URL: 'http://c:1' }, 'http://b:1/'],
    [{}, { AWS_ENDPOINT_URL: 'http://c:1' }, 'http://c:1/'],
  ])('of %j and the environment %j is %s', (options, variables, url) => {
    set(variables);
    expect(resolvePlace({ region, ...options }).url).toBe(url);
  });

  it.each([
    ['http://127.0.0.1:4566', { isSecure: false, host: '127.0.0.1:4566', hostname: '127.0.0.1', port: '4566', path: '/' }],
    ['https://proxy.test:443/sqs', { isSecure: true, host: 'proxy.test', hostname: 'proxy.test', port: '', path: '/sqs/' }],
    ['http://[::1]:9324/', { host: '[::1]:9324', hostname: '::1', port: '9324' }],
  ])('%s is taken apart', (endpoint, parts) => {
    expect(resolvePlace({ region, endpoint })).toMatchObject(parts);
  });

  it.each(['localhost:4566', 'ftp://a', '', 'https://key:secret@a', 'https://a/?b'])('%s is refused, and not repeated', (endpoint) => {
    let text = '';
    try {
      resolvePlace({ region, endpoint });
    } catch (error) {
      text = String(error);
    }
    expect(text).toMatch(/^ImproperlyConfigured: The endpoint of createSqsFetchTransport is no address/);
    expect(text).not.toContain('secret');
  });
});
