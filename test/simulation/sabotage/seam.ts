/** Has one file of the code loaded with a deliberate fault in it. To be called before anything of src/ is imported. */

import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { SABOTAGES, type Sabotage } from './table.ts';

const root = new URL('../../../', import.meta.url);

/** @throws Error for a name that the table has not */
export function sabotaged(name: string): Sabotage {
  const found = SABOTAGES.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no sabotage '${name}'. There are: ${SABOTAGES.map((one) => one.name).join(', ')}.`);
  return found;
}

/** The file as it is with the fault in it. @throws Error where the place is not there, or there twice */
export function withFault({ name, file, find, replace }: Sabotage): string {
  const parts = readFileSync(new URL(file, root), 'utf8').split(find);
  if (parts.length !== 2) throw new Error(`'${name}': ${file} has its place ${parts.length - 1} times, and it must have it once.`);
  return parts.join(replace);
}

export function sabotage(name: string): void {
  const chosen = sabotaged(name);
  const source = withFault(chosen);
  const url = new URL(chosen.file, root).href;
  registerHooks({
    load(asked, context, next) {
      const loaded = next(asked, context);
      return asked.startsWith('file:') && fileURLToPath(asked) === fileURLToPath(url) ? { ...loaded, source } : loaded;
    },
  });
}
