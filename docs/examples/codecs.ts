/** Plugging in a serializer and a compression. */

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { createApp } from 'celeriac';
import type { Codec, Compression } from 'celeriac/wire';

// #region codec
const lines: Codec = {
  name: 'lines',
  contentType: 'application/x-json-lines',
  contentEncoding: 'utf-8',
  encode: (value) => (value as unknown[]).map((part) => JSON.stringify(part)).join('\n'),
  decode: (data) =>
    String(data)
      .split('\n')
      .map((line) => JSON.parse(line)),
};

const deflate: Compression = {
  names: ['deflate'],
  contentType: 'application/x-deflate',
  compress: (data) => deflateRawSync(data),
  decompress: (data, maxBytes) => inflateRawSync(data, { maxOutputLength: maxBytes }),
};

export const app = createApp('plugged', {
  codecs: [lines],
  acceptContent: ['json', 'lines'],
  taskSerializer: 'lines',
  compressions: [deflate],
  taskCompression: 'deflate',
});
// #endregion

export const echo = app.task('echo', (text: string) => text);
