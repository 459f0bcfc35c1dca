/** What SQS answered: an object, or an error with the parts that the SDK's has, so that failures.ts tells both apart alike. */

import type { HttpAnswer } from './http.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Characters of an answer that is not SQS's that an error shows. */
const SHOWN = 100;

export interface AnswerError extends Error {
  /** The code of SQS's older protocol, like `AWS.SimpleQueueService.NonExistentQueue`. */
  readonly Code?: string;
  readonly $fault: 'client' | 'server';
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId: string | undefined };
}

/** An answer of success. Some operations answer with nothing. */
export function toFields(answer: HttpAnswer): Fields {
  if (answer.text === '') return {};
  const fields = parsed(answer.text);
  if (fields === undefined) throw unreadable(answer);
  return fields;
}

/** An answer of failure, as SQS tells it: `__type` in the body, and for codes of the older protocol a header. */
export function toAnswerError(answer: HttpAnswer): AnswerError {
  const fields = parsed(answer.text);
  if (fields === undefined) return unreadable(answer);
  const type = textOf(fields['__type']) ?? answer.header('x-amzn-errortype');
  const code = answer.header('x-amzn-query-error')?.split(';')[0];
  return withParts(textOf(fields['message']) ?? textOf(fields['Message']) ?? 'UnknownError', answer, {
    name: nameOf(type, code),
    ...(code !== undefined && { Code: code }),
  });
}

/** Not SQS's: a proxy's page, or an answer cut off. */
function unreadable(answer: HttpAnswer): AnswerError {
  const { status, text } = answer;
  const kind = answer.header('content-type') ?? 'no content type';
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return withParts(`the answer with status ${status} is not SQS's JSON (${kind}): ${JSON.stringify(shown)}`, answer, {
    name: 'UnreadableAnswer',
  });
}

function withParts(message: string, { status, header }: HttpAnswer, parts: { readonly name: string; readonly Code?: string }): AnswerError {
  return Object.assign(new Error(message), {
    ...parts,
    $fault: status < 500 ? ('client' as const) : ('server' as const),
    $metadata: { httpStatusCode: status, requestId: header('x-amzn-requestid') },
  });
}

function parsed(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

/** The code of the older protocol, unless it is one with a prefix: those the SDK, too, calls by the name of their shape. */
function nameOf(type: string | undefined, code: string | undefined): string {
  const shape = type === undefined ? undefined : /^(?:[^#,:]*#)?([^,:]+)/.exec(type)?.[1];
  if (code !== undefined && !code.includes('.')) return code;
  return shape ?? code ?? 'Unknown';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
