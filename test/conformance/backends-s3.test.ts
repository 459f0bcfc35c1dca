/**
 * The backend suite over S3 as fauxqs plays it on loopback. With the variable CELERIAC_DYNAMODB_ENDPOINT, which is moto's, also over the
 * S3 that answers there (with-moto.ts).
 */

import { afterAll, beforeAll, describe, it } from 'vitest';
import { createS3Backend } from '../../src/backends/s3.ts';
import { backendSuite } from '../../src/testing/backend-suite.ts';
import { type LocalS3, openS3, startS3 } from '../support/s3.ts';

const endpoint = process.env['CELERIAC_DYNAMODB_ENDPOINT'];

/** What plays S3, by name. */
const stores: readonly (readonly [name: string, start: () => Promise<LocalS3>])[] = [
  ['fauxqs', () => startS3()],
  ...(endpoint ? [[`the server at ${endpoint}`, () => openS3(endpoint)] as const] : []),
];

/** moto answers several requests at a time, looking at a condition and writing apart; and it has no keys with line feeds. */
const NOT_FOR_MOTO = /at the same time|at once|any text for an id/;

const cannot = {
  storeMany: 'S3 takes one object a request',
  fetchMany: 'S3 gives one object a request',
  watch: 'S3 tells nobody of what is written; whoever waits looks again',
  chords: 'S3 counts nothing: chords are completed by celery.chord_unlock, as with Celery',
  expiry: "objects expire by rules of the bucket's lifecycle",
};

describe.each(stores)('the S3 backend over %s', (store, start) => {
  let s3: LocalS3;
  beforeAll(async () => {
    s3 = await start();
  });
  afterAll(() => s3.stop());

  const make = () => {
    const open = () => createS3Backend({ bucket: s3.bucket, basePath: 'celery/', ...s3.connection });
    const [backend, other] = [open(), open()];
    return {
      backend,
      other,
      close: async () => {
        await backend.close?.();
        await other.close?.();
      },
    };
  };

  for (const { name, run, cannot: reason } of backendSuite(make, cannot)) {
    if (store !== 'fauxqs' && NOT_FOR_MOTO.test(name)) it.skip(name);
    else (reason === undefined ? it : it.fails)(name, run);
  }
});
