/** Imports all of the code that a life may import: then `import()` takes no time of its own, and the order of things is the seed's. */

import { readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));
/** What no sandbox has in it. */
const LEFT_OUT = /^(local|testing|poller)\//;

export async function preload(): Promise<void> {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
  for (const file of files.filter((one) => !LEFT_OUT.test(one)).sort()) await import(pathToFileURL(SRC + file).href);
  await Promise.all([
    import('@aws-sdk/client-sqs'),
    import('@aws-sdk/client-dynamodb'),
    import('@aws-sdk/client-scheduler'),
    import('@aws-sdk/client-s3'),
  ]);
}
