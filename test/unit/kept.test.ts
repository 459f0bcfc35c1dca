import { describe, expect, it } from 'vitest';
import { kept, keptOpen, lateMethods } from '../../src/kept.ts';

function counting() {
  let made = 0;
  const make = async () => {
    made += 1;
    return { double: async (value: number) => 2 * value, fail: async () => Promise.reject(new Error('no')), size: 3 };
  };
  return { make, made: () => made };
}

describe('keptOpen', () => {
  it('closes what was opened, and opens nothing to close it', async () => {
    const calls: string[] = [];
    const make = async () => {
      calls.push('opened');
      return { close: async () => void calls.push('closed') };
    };
    const late = keptOpen(make);
    await late.close();
    expect(calls).toEqual([]);
    await late.open();
    await late.close();
    expect(calls).toEqual(['opened', 'closed']);
  });

  it('closes what is being opened, once it is, and nothing that could not be', async () => {
    const calls: string[] = [];
    const late = keptOpen(async () => {
      await Promise.resolve();
      return { close: async () => void calls.push('closed') };
    });
    void late.open();
    await late.close();
    expect(calls).toEqual(['closed']);
    const broken = keptOpen((): Promise<{ close(): Promise<void> }> => Promise.reject(new Error('no')));
    await expect(broken.open()).rejects.toThrow('no');
    await broken.close();
  });
});

describe('lateMethods', () => {
  it('makes nothing before a method is called, and then makes it once', async () => {
    const { make, made } = counting();
    const counted = kept(make);
    const late = lateMethods(counted, ['double', 'fail']);
    expect(made()).toBe(0);
    expect(await late.double(4)).toBe(8);
    await expect(late.fail()).rejects.toThrow('no');
    expect(made()).toBe(1);
  });

  it('rejects where it cannot be made, and makes it at the next call', async () => {
    const { make } = counting();
    let tries = 0;
    const second = kept(async () => {
      tries += 1;
      if (tries === 1) throw new Error('not yet');
      return await make();
    });
    const late = lateMethods(second, ['double']);
    await expect(late.double(1)).rejects.toThrow('not yet');
    expect(await late.double(1)).toBe(2);
  });

  it('has the methods that were named, and no other', () => {
    const counted = kept(counting().make);
    expect(Object.keys(lateMethods(counted, ['fail']))).toEqual(['fail']);
  });
});
