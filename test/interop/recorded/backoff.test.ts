/** The delays of Celery's retry_backoff, row by row (get_exponential_backoff_interval of 5.6.3 and 5.2.6). */

import { describe, expect, test } from 'vitest';
import { backoffSeconds } from '../../../src/worker/autoretry.ts';
import { recordedRows } from '../../support/recorded.ts';

interface Row {
  readonly factor: number;
  readonly retries: number;
  readonly maximum: number;
  readonly full_jitter: boolean;
  readonly countdown: number;
}

describe.each(['backoff', 'backoff@5.2.6'])('%s', (table) => {
  const rows = recordedRows<Row>(table);

  test.each(rows)('factor $factor after $retries retries, at most $maximum, is $countdown s', (row) => {
    const { factor, maximum, full_jitter: jitter, retries, countdown } = row;
    expect(backoffSeconds({ factor, maximum, jitter }, retries)).toBe(countdown);
  });

  test('with jitter each of them is the upper bound, and 0 the lower', () => {
    for (const { factor, maximum, retries, countdown } of rows) {
      expect(backoffSeconds({ factor, maximum, jitter: true }, retries, () => 0)).toBe(0);
      expect(backoffSeconds({ factor, maximum, jitter: true }, retries, () => 1 - Number.EPSILON / 2)).toBe(countdown);
    }
    expect(rows.length).toBeGreaterThan(20);
    console.log(`${table}: ${rows.length} of ${rows.length} rows as recorded`);
  });
});
