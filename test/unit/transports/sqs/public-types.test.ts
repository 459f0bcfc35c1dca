/** The declarations that users see, made by the compiler from the entry point. */

import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

it('are free of the AWS SDK’s types, so that they hold for any of its versions', { timeout: 60_000 }, () => {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: ['src/transports/sqs/index.ts'] }, ts.sys, root);
  const program = ts.createProgram(
    ['transports/sqs/index.ts', 'transports/sqs-fetch/index.ts', 'transports/memory.ts'].map((path) => `${root}src/${path}`),
    {
      ...options,
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rewriteRelativeImportExtensions: true,
    },
  );
  const declarations = new Map<string, string>();
  const { diagnostics } = program.emit(undefined, (path, text) => declarations.set(path, text));
  expect(diagnostics).toEqual([]);
  const made = [...declarations.keys()];
  for (const file of ['index', 'client']) expect(made.filter((path) => path.endsWith(`transports/sqs/${file}.d.ts`))).toHaveLength(1);
  expect(made.filter((path) => path.endsWith('transports/sqs-fetch/open.d.ts'))).toHaveLength(1);
  for (const [path, text] of declarations) expect(text, path).not.toMatch(/@aws-sdk|@smithy/);
});
