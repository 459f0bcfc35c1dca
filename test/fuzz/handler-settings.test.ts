/** The same hostile messages where more is looked at: starts counted in a ledger, signatures checked, groups of a FIFO queue kept in order. */

import { expect, test } from 'vitest';
import { type Recipe, recipe, toRecord } from '../support/hostile-messages.ts';
import { closeNetwork } from '../support/hostile-network.ts';
import { fuzzBatches } from '../support/hostile-runs.ts';
import { SECRET } from '../support/hostile-values.ts';

closeNetwork();

const FIFO_ARN = 'arn:aws:sqs:eu-central-1:000000000000:work.fifo';

test('with a ledger', async () => {
  const { fates } = await fuzzBatches(0.15, recipe, toRecord, { ledger: true });
  expect(fates.acknowledged).toBeGreaterThan(0);
}, 120_000);

test('with signatures, whose keys are nowhere to be read', async () => {
  const signing = { keys: { k: `${SECRET} and thirty-two bytes and more` }, current: 'k', unsignedFrom: ['celery'] };
  const { fates } = await fuzzBatches(0.1, recipe, toRecord, { signing });
  expect(fates.quarantined).toBeGreaterThan(0);
}, 120_000);

test('on a FIFO queue, where a group that is stopped stops no other', async () => {
  const inGroups = (value: Recipe) => {
    const { attributes, ...record } = toRecord(value);
    return { ...record, eventSourceARN: FIFO_ARN, attributes: { ...attributes, MessageGroupId: `g${value.packing % 3}` } };
  };
  const { fates } = await fuzzBatches(0.1, recipe, inGroups, { place: { queue: 'work.fifo', messageGroupId: 'good' } });
  expect(fates.returned).toBeGreaterThan(0);
}, 120_000);
