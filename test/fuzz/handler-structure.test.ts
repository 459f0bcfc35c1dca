/** Recorded messages with hostile values, names, signatures, compressions and encodings in any part, through createHandler. */

import { expect, test } from 'vitest';
import { recipe, toRecord } from '../support/hostile-messages.ts';
import { closeNetwork } from '../support/hostile-network.ts';
import { ARE_MANY, fuzzBatches } from '../support/hostile-runs.ts';

closeNetwork();

/** Those that the changes meet again and again; a change that is lost on the way would show here. */
const CODES =
  'not-json not-an-envelope bad-base64 bad-utf8 bad-body-encoding bad-compression unknown-compression unknown-type-tag bad-value too-deep ' +
  'content-disallowed no-task-name no-id bad-body-shape bad-args bad-kwargs bad-embed bad-headers bad-eta bad-expires bad-retries';

test('every record of a batch ends in exactly one way, and a good one among them succeeds', async () => {
  const { fates, codes } = await fuzzBatches(0.4, recipe, toRecord);
  console.log(fates, [...codes].join(' '));
  if (!ARE_MANY) return;
  const total = fates.acknowledged + fates.returned + fates.quarantined;
  for (const count of Object.values(fates)) expect(count).toBeGreaterThan(total / 100);
  expect(CODES.split(' ').filter((code) => !codes.has(code))).toEqual([]);
}, 120_000);
