/** One request and its answer, whoever carries them: node:https, or fetch. */

/** Lower-case names, sorted, as they are signed. */
export type Headers = readonly (readonly [name: string, value: string])[];

/** A POST to the one address that SQS has. */
export interface HttpRequest {
  readonly headers: Headers;
  readonly body: string;
  /** How long an answer may take. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  /** By its lower-case name. */
  header(name: string): string | undefined;
}

export interface Http {
  /** Rejects when there is no answer: no connection, a time-out, an aborted signal. */
  post(request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

/** Ten messages of 1 MiB, each of whose characters is escaped. */
export const MAX_ANSWER_BYTES = 64 * 1_048_576;

export function timeoutError(what: string, ms: number): Error {
  return Object.assign(new Error(`${what} after ${ms} ms`), { name: 'TimeoutError' });
}

export function tooLargeError(): Error {
  return new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
}
