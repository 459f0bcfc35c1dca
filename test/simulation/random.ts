/** Chance that repeats: streams from a seed, and numbers that hang on nothing but a text, so that one cause more or less moves no other. */

export type Random = () => number;

/** A text's number, 32 bits (FNV-1a, its bits mixed once more). */
export function hashOf(text: string, start = 0x811c9dc5): number {
  let hash = start;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mixed(hash);
}

function mixed(bits: number): number {
  let hash = bits;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** mulberry32: numbers from 0 to 1, 1 left out. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A stream of its own for each purpose of a seed. */
export const streamOf = (seed: number, purpose: string): Random => randomFrom(hashOf(purpose, mixed(seed + 0x9e3779b9)));

/**
 * Chance that hangs on the moment it is asked for, and on how often it was asked at that moment: what happens at another moment changes
 * nothing here.
 */
export function randomAt(seed: number, nowMs: () => number): Random {
  let lastMs = Number.NaN;
  let asked = 0;
  return () => {
    const ms = nowMs();
    asked = ms === lastMs ? asked + 1 : 0;
    lastMs = ms;
    const whole = Math.floor(ms);
    const bits =
      mixed(seed ^ Math.imul(whole >>> 0, 0x9e3779b1)) ^ Math.imul(Math.floor((ms - whole) * 65_536) + 1, 0x85ebca77) ^ (whole / 2 ** 32);
    return mixed(mixed(bits) + Math.imul(asked + 1, 0xc2b2ae3d)) / 2 ** 32;
  };
}

/** A whole number from `least` to `most`, both among them. */
export const between = (random: Random, least: number, most: number): number => least + Math.floor(random() * (most - least + 1));

export const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;

export const chance = (random: Random, share: number): boolean => random() < share;

/** A UUID of version 4 whose bits are the stream's. */
export function uuidFrom(random: Random): `${string}-${string}-${string}-${string}-${string}` {
  const hex = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  const [a, b, c, d] = [hex(), hex(), hex(), hex()];
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`;
}
