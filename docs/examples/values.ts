/** Python's values that JavaScript lacks. */

// #region values
import { createApp, Decimal, PyDate, PyDateTime, PyTime, Uuid } from 'celeriac';

export const app = createApp('values');

const book = app.declare<[...values: unknown[]], null>('ledger.book');

export async function sendValues(): Promise<void> {
  await book.delay(
    new Date(),
    new PyDateTime('2030-01-02T03:04:05.000006+02:00'),
    new PyDate('2030-01-02'),
    new PyTime('03:04:05.000678'),
    new Decimal('10.50'),
    new Uuid(crypto.randomUUID()),
    2n ** 70n,
    new Uint8Array([1, 2, 3]),
    Number.NaN,
  );
}
// #endregion
