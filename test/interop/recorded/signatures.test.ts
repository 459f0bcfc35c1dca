import { expect, test } from 'vitest';
import { readJson, readSignature, writeJson, writeSignature } from '../../../src/wire/index.ts';
import { recordedRows } from '../../support/recorded.ts';

interface Row {
  readonly expr: string;
  readonly json: unknown;
}

for (const table of ['signatures', 'signatures@5.2.6']) {
  const rows = recordedRows<Row>(table);

  test.each(rows)(`${table}: $expr is read and written again with the same meaning`, ({ json }) => {
    const read = readSignature(readJson(JSON.stringify(json)));
    expect(read).toEqual(json);
    expect(readJson(writeJson(writeSignature(read)))).toEqual(json);
  });

  test(`${table}: every row was read`, () => {
    expect(rows.length).toBeGreaterThan(10);
    console.log(`${table}: ${rows.length} of ${rows.length}`);
  });
}
