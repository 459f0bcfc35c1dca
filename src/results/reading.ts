/** Everything results can be asked, by name. Imported when the first one is asked: a worker that only runs tasks does not load it. */

import { get, iterate } from './gathering.ts';
import { forget, revoke, save, unsave } from './keeping.ts';
import {
  children,
  completedCount,
  dateDone,
  documentOf,
  exists,
  failed,
  maybeThrow,
  ready,
  result,
  state,
  successful,
  traceback,
} from './looking.ts';
import { collect, getLeaf, iterdeps } from './walking.ts';

export const reading = {
  get,
  iterate,
  documentOf,
  exists,
  state,
  result,
  traceback,
  dateDone,
  children,
  ready,
  successful,
  failed,
  completedCount,
  maybeThrow,
  collect,
  iterdeps,
  getLeaf,
  forget,
  revoke,
  save,
  unsave,
};
