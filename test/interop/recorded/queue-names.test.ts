/** Every queue name that real kombu turned into an SQS name, turned by us. */

import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { toSqsName } from '../../../src/transports/sqs/names.ts';

const folder = new URL('./fixtures/celery-extra/', import.meta.url);
const files = readdirSync(folder).filter((name) => /^queue-names(@.+)?\.json$/.test(name));
let agreed = 0;
let rows = 0;

describe.each(files)('%s', (file) => {
  const recorded = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { rows: { queue: string; sqs_name: string }[] };
  rows += recorded.rows.length;
  it.each(recorded.rows)('names $queue in SQS as kombu does', ({ queue, sqs_name }) => {
    expect(toSqsName(queue)).toBe(sqs_name);
    agreed += 1;
  });
});

it('finds recordings', () => {
  expect(files.length).toBeGreaterThanOrEqual(2);
});

afterAll(() => console.log(`queue names: ${agreed} of ${rows} as kombu has them`));
