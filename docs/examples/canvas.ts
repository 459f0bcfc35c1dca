/** Composing tasks: chains, groups, chords, links. */

// #region tasks
import { type AsyncResult, chain, chord, createApp, type GroupResult, group, type Signature } from 'celeriac';

export const app = createApp('prices');
export const price = app.task('prices.fetch', (shop: string, item: string) => shop.length * item.length);
export const lowest = app.task('prices.lowest', (prices: readonly number[]) => Math.min(...prices));
export const label = app.task('prices.label', (amount: number, currency: string) => `${amount} ${currency}`);
export const publish = app.task('prices.publish', (text: string) => `published: ${text}`);
export const apologise = app.task('prices.apologise', (taskId: string) => `sorry for ${taskId}`);
// #endregion

// #region chain
export async function publishPrice(): Promise<string> {
  const sent = await chain(price.s('north', 'lamp'), label.s('EUR'), publish.s()).applyAsync();
  return await sent.get({ timeout: 10 });
}
// #endregion

// #region group
export async function allPrices(shops: readonly string[]): Promise<readonly number[]> {
  const sent = await group(shops.map((shop) => price.s(shop, 'lamp'))).applyAsync();
  return await sent.get({ timeout: 10 });
}
// #endregion

// #region chord
export async function lowestPrice(shops: readonly string[]): Promise<string> {
  const prices = shops.map((shop) => price.s(shop, 'lamp'));
  const sent = await chord(prices, chain(lowest.s(), label.s('EUR'))).applyAsync();
  return await sent.get({ timeout: 10 });
}
// #endregion

// #region pipe
export const bothWays = price
  .s('north', 'lamp')
  .pipe(group(label.s('EUR'), label.s('USD')))
  .pipe(app.signature<string>('prices.join'));
// #endregion

// #region partial
export const inEuro: Signature<[amount: number], string> = label.s('EUR');
export const ofLamps: Signature<[shop: string], number> = price.s('lamp');
export const farewell: Signature<readonly unknown[], string> = publish.si('that was all');
export const later = ofLamps.set({ countdown: 60, queue: 'slow' });
export const fromNorth: Signature<[], number> = later.partial(['north']);
// #endregion

// #region links
export async function publishOrApologise(): Promise<AsyncResult<string>> {
  return await publish.s().link(farewell).linkError(apologise.s()).applyAsync(['all lamps'], { queue: 'news' });
}
// #endregion

// #region chunks
export async function manyPrices(calls: readonly [shop: string, item: string][]): Promise<GroupResult<number[][]>> {
  return await price.chunks(calls, 10).applyAsync();
}
// #endregion

// #region inside
export const cheapest = app.task('prices.cheapest', { bind: true }, (self, shops: readonly string[], item: string): number => {
  if (shops.length === 0) return 0;
  const prices = shops.map((shop) => price.s(shop, item));
  return self.replace(chord(prices, lowest.s()));
});

export const withReserve = app.task('prices.with-reserve', { bind: true }, async (self, shop: string, reserve: string) => {
  await self.addToChord(price.s(reserve, 'lamp'));
  return shop.length * 4;
});
// #endregion

// #region stamps
export const stamped = chain(price.s('north', 'lamp'), label.s('EUR')).stamp({ tenant: 'acme' });
export const numbered = stamped.stamp({ onSignature: ({ task }) => ({ step: task.length }) });
// #endregion

// #region data
export const kept = JSON.stringify(chain(price.s('north', 'lamp'), label.s('EUR')));

export async function sendKept(): Promise<AsyncResult<string>> {
  return await app.signature<string>(JSON.parse(kept) as object).applyAsync();
}
// #endregion

// #region mistakes
export const mistakes = (): unknown[] => [
  // @ts-expect-error publish takes a text, and price gives a number
  chain(price.s('north', 'lamp'), publish.s()),
  // @ts-expect-error an amount and a currency are missing: a chain hands over one value
  chain(price.s('north', 'lamp'), label.s()),
  // @ts-expect-error a chord's body is given all results
  chord([price.s('north', 'lamp'), price.s('south', 'lamp')], label.s('EUR')),
];
// #endregion
