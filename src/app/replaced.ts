/** `self.replace()`: another signature takes the task's place. Thrown by the task, acted on by worker/settle-replaced. */

import { type AnySignature, dataOf } from '../canvas/step.ts';
import { CeleryError } from '../errors.ts';

/** Thrown to end the task in favour of what takes its place (celery Task.replace, which throws Ignore). */
export class Replaced extends CeleryError {
  override readonly name = 'Replaced';
  readonly signature: AnySignature;
  /** @throws ImproperlyConfigured for what is no signature, and the task fails with that */
  constructor(signature: AnySignature) {
    super('Replaced by another signature');
    dataOf(signature, 'self.replace()');
    this.signature = signature;
  }
}
