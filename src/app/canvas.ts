/** Sending a signature or a canvas: planned as a whole, then published. Imported when the first one is sent. */

import { checkOptions } from '../canvas/call-options.ts';
import { planOf } from '../canvas/planning.ts';
import type { SignatureCall } from '../canvas/signature.ts';
import { toWireOptions } from '../canvas/wire-options.ts';
import { AsyncResult } from '../results/async-result.ts';
import type { GroupResult } from '../results/group-result.ts';
import type { ResultSource } from '../results/result-base.ts';
import { resultFromTuple } from '../results/tuples.ts';
import type { SignatureData } from '../wire/message.ts';
import type { Publisher } from './publisher.ts';
import type { Settings } from './settings.ts';
import { trailChildren } from './trail.ts';

export interface CanvasParts {
  readonly settings: Settings;
  readonly publisher: Publisher;
  readonly source: () => ResultSource;
  /** Whether a task's result is ignored, by its name and what its call says. */
  readonly ignores: (task: string, said: unknown) => boolean;
  /** Told how many characters each message takes. */
  readonly onWritten?: (characters: number) => void;
}

/** @throws ImproperlyConfigured for a canvas that cannot be, and what publishing throws */
export async function sendCanvas(
  data: SignatureData,
  { args, options }: SignatureCall,
  { settings, publisher, source, ignores, onWritten }: CanvasParts,
): Promise<AsyncResult | GroupResult> {
  checkOptions(options);
  const plan = planOf(data, {
    args,
    kwargs: (options.kwargs ?? {}) as Readonly<Record<string, unknown>>,
    options: toWireOptions(options),
    newId: () => crypto.randomUUID(),
    errbacksOnChordHeader: settings.taskAllowErrorCbOnChordHeader,
  });
  await publisher.publishPlan(plan, onWritten);
  trailChildren(plan.children);
  const result = resultFromTuple(plan.result, source);
  const [only, ...others] = plan.tasks;
  // As Celery has it, only a task that is sent alone is known to leave no result (Celery.send_task).
  const isAlone = only !== undefined && others.length === 0 && only.options['task_id'] === result.id;
  return isAlone && ignores(only.task, only.options['ignore_result']) ? new AsyncResult(result.id, source, { ignored: true }) : result;
}
