/** The virtual environment with the pinned Celery, `.venv-interop/`. */

import { join, resolve } from 'node:path';
import { type Environment, prepareEnvironment } from '../../support/python-environment.ts';

export const prepareCelery = (): Promise<Environment> =>
  prepareEnvironment({
    folder: resolve(import.meta.dirname, '../../../.venv-interop'),
    pins: join(import.meta.dirname, 'requirements.txt'),
    // What the pinned Celery asks for.
    oldestMinor: 10,
  });
