/** The union of ends a run can have. Every end is one value; worker/settle acts on it. */

import type { Retry } from '../app/retry.ts';
import type { AnySignature } from '../canvas/signature.ts';

export type Outcome =
  | { readonly state: 'SUCCESS'; readonly value: unknown }
  | { readonly state: 'FAILURE'; readonly error: unknown }
  | { readonly state: 'RETRY'; readonly retry: Retry }
  | { readonly state: 'REPLACED'; readonly signature: AnySignature }
  | { readonly state: 'IGNORED' }
  | { readonly state: 'REJECTED'; readonly requeue: boolean; readonly reason: unknown };

export const IGNORED: Outcome = Object.freeze({ state: 'IGNORED' });
