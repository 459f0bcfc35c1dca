import { describe, expect, it } from 'vitest';
import { askGate } from '../../../src/worker/gate.ts';

const NOW = Date.parse('2030-01-02T12:00:00.000Z');
const ask = (headers: object, nowMs = NOW) => askGate({ task: 't', id: 'i', ...headers }, nowMs);
const at = (text: string) => `2030-01-02T12:00:00${text}`;

describe('the gate', () => {
  it('is open without eta and expiry, null or absent', () => {
    expect(ask({})).toEqual({ open: true });
    expect(ask({ eta: null, expires: null })).toEqual({ open: true });
  });

  it.each([
    [at('+00:00'), true],
    [at('.001000+00:00'), false],
    [at('.000001+00:00'), false],
    [at('+01:00'), true],
    [at('-01:00'), false],
    [at(''), true],
  ])('for the eta %s is open: %s, never early', (eta, open) => {
    expect(ask({ eta }).open).toBe(open);
  });

  it('says when the eta is, rounded up to the millisecond', () => {
    expect(ask({ eta: at('.000900+00:00') })).toEqual({ open: false, etaMs: NOW + 1 });
    expect(ask({ eta: at('.000900+00:00') }, NOW + 1)).toEqual({ open: true });
  });

  it.each([
    [at('+00:00'), NOW, true],
    [at('+00:00'), NOW + 1, false],
    [at('.000900+00:00'), NOW + 1, false],
  ])('for an expiry at %s, asked at %i, is open: %s', (expires, nowMs, open) => {
    expect(ask({ expires }, nowMs).open).toBe(open);
  });

  it('looks at the expiry first', () => {
    expect(ask({ expires: at('+00:00'), eta: at('+00:00').replace('2030', '2031') }, NOW + 1)).toEqual({ open: false, expired: true });
  });
});
