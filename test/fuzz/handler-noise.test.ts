/** Texts that never were messages, and messages cut, doubled and patched, through createHandler. */

import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSqsRecord } from '../../src/testing/events.ts';
import { noise } from '../support/hostile-messages.ts';
import { closeNetwork } from '../support/hostile-network.ts';
import { fuzzBatches } from '../support/hostile-runs.ts';
import { recordedMessages } from '../support/recorded.ts';

closeNetwork();

const recorded = recordedMessages().map(({ messageBody }) => messageBody);
const toRecord = (body: string) => createSqsRecord(body, { messageId: randomUUID() });

test('noise is quarantined, every bit of it, and a good record beside it succeeds', async () => {
  const { fates } = await fuzzBatches(0.15, noise, toRecord);
  expect(fates.returned).toBe(0);
}, 120_000);

const spliced = fc
  .tuple(fc.constantFrom(...recorded), fc.constantFrom(...recorded), fc.nat(), fc.nat(), fc.nat(3))
  .map(([one, other, from, to, times]) => one.slice(0, from % (one.length + 1)).repeat(times % 2) + other.slice(to % (other.length + 1)));

test('halves of messages put together end in exactly one way', async () => {
  const { fates } = await fuzzBatches(0.1, spliced, toRecord);
  expect(fates.quarantined).toBeGreaterThan(0);
}, 120_000);
