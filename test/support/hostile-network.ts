/** No way out of the process: whoever looks up a name, opens a socket or fetches anything fails the test that it does so in. */

import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { afterEach, beforeEach, expect, vi } from 'vitest';

/** Closes every way out for the tests of the file that calls it, and looks after each whether one was tried. */
export function closeNetwork(): void {
  const tried: string[] = [];
  const refuse = (what: string) => (): never => {
    tried.push(what);
    throw new Error(`${what} was called`);
  };
  beforeEach(() => {
    vi.stubGlobal('fetch', refuse('fetch'));
    vi.spyOn(http, 'request').mockImplementation(refuse('http.request'));
    vi.spyOn(https, 'request').mockImplementation(refuse('https.request'));
    vi.spyOn(net.Socket.prototype, 'connect').mockImplementation(refuse('connect'));
    vi.spyOn(dns, 'lookup').mockImplementation(refuse('dns.lookup') as never);
    vi.spyOn(dns.promises, 'lookup').mockImplementation(refuse('dns.promises.lookup') as never);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
    expect(tried.splice(0)).toEqual([]);
  });
}
