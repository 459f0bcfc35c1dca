/** A reader of MessagePack, as much of it as the recorded messages and a test of plugged codecs need. */

import type { Codec } from '../../src/wire/index.ts';

export const msgpackCodec: Codec = {
  name: 'msgpack',
  contentType: 'application/x-msgpack',
  contentEncoding: 'binary',
  encode: () => {
    throw new Error('this codec only reads');
  },
  decode: (data) => {
    if (typeof data === 'string') throw new TypeError('expected bytes');
    const reader = new Reader(data);
    const value = reader.value();
    if (!reader.isAtEnd()) throw new RangeError('bytes beyond the value');
    return value;
  },
};

class Reader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  isAtEnd(): boolean {
    return this.at === this.bytes.byteLength;
  }

  value(): unknown {
    const tag = this.uint(1);
    if (tag <= 0x7f) return tag;
    if (tag <= 0x8f) return this.map(tag & 0x0f);
    if (tag <= 0x9f) return this.array(tag & 0x0f);
    if (tag <= 0xbf) return this.text(tag & 0x1f);
    if (tag >= 0xe0) return tag - 0x100;
    return this.tagged(tag);
  }

  private tagged(tag: number): unknown {
    if (tag === 0xc0) return null;
    if (tag === 0xc2 || tag === 0xc3) return tag === 0xc3;
    if (tag >= 0xc4 && tag <= 0xc6) return this.take(this.uint(1 << (tag - 0xc4)));
    if (tag === 0xcb) return this.view.getFloat64(this.skip(8));
    if (tag >= 0xcc && tag <= 0xce) return this.uint(1 << (tag - 0xcc));
    if (tag >= 0xd9 && tag <= 0xdb) return this.text(this.uint(1 << (tag - 0xd9)));
    if (tag === 0xdc || tag === 0xdd) return this.array(this.uint(tag === 0xdc ? 2 : 4));
    if (tag === 0xde || tag === 0xdf) return this.map(this.uint(tag === 0xde ? 2 : 4));
    throw new RangeError(`no reader for the tag 0x${tag.toString(16)}`);
  }

  private array(length: number): unknown[] {
    return Array.from({ length }, () => this.value());
  }

  private map(size: number): Record<string, unknown> {
    return Object.fromEntries(Array.from({ length: size }, () => [String(this.value()), this.value()]));
  }

  private text(length: number): string {
    return new TextDecoder('utf-8', { fatal: true }).decode(this.take(length));
  }

  private uint(width: number): number {
    const start = this.skip(width);
    if (width === 1) return this.view.getUint8(start);
    return width === 2 ? this.view.getUint16(start) : this.view.getUint32(start);
  }

  private take(length: number): Uint8Array {
    const start = this.skip(length);
    if (this.at > this.bytes.byteLength) throw new RangeError('the bytes end too early');
    return this.bytes.subarray(start, start + length);
  }

  private skip(length: number): number {
    const start = this.at;
    this.at += length;
    return start;
  }
}
