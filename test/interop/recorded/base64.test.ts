import { expect, test } from 'vitest';
import { decodeOuter } from '../../../src/wire/index.ts';
import { recordedRows } from '../../support/recorded.ts';

interface Row {
  readonly body: string;
  readonly decoded: string;
}

const rows = recordedRows<Row>('base64-detect');

test.each(rows)('$body is taken for base64 or for plain text as kombu 5.6 takes it', ({ body, decoded }) => {
  expect(decodeOuter(body)).toBe(decoded);
});

test('kombu 5.2 differs only in what its rows say, and the newer rule is ours', () => {
  const newer = new Map(rows.map((row) => [row.body, row.decoded]));
  const different = recordedRows<Row>('base64-detect@5.2.6').filter((row) => newer.get(row.body) !== row.decoded);
  expect(different.map((row) => row.body)).toMatchInlineSnapshot(`
    [
      "abcd",
      "test",
      " aGk=
    ",
      "//4=",
      "1234",
    ]
  `);
  console.log(`base64 rows: ${rows.length} of ${rows.length}`);
});
