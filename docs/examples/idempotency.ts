/** Tasks that commit once: the blocks of docs/idempotency.md. */

// #region declare
import { app } from './tasks.ts';

interface Card {
  charge(cents: number, options: { idempotencyKey: string }): Promise<string>;
}

export const createPay = (card: Card) =>
  app.task('shop.pay', { bind: true, idempotent: true, autoretryFor: [Error] }, async (self, _order: string, cents: number) => {
    return await card.charge(cents, { idempotencyKey: self.idempotencyKey });
  });
// #endregion

// #region unique
export const report = app.task('shop.report', { unique: { key: (day: string) => day, for: 3600, otherwise: 'return' } }, (day: string) => {
  return `report of ${day}`;
});
// #endregion
