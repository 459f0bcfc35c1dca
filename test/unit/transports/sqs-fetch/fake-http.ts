/** Answers in a row, in the place of the network, and what was asked. */

import type { Http, HttpAnswer, HttpRequest } from '../../../../src/transports/sqs-fetch/http.ts';

export interface Canned {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
}

export function toAnswer({ status = 200, headers = {}, text = '{}' }: Canned): HttpAnswer {
  return { status, text, header: (name) => headers[name] };
}

/** The last answer stays. An error among them is thrown. */
export function fakeHttp(...answers: readonly (Canned | Error)[]): Http & { readonly requests: readonly HttpRequest[] } {
  const requests: HttpRequest[] = [];
  return {
    requests,
    async post(request) {
      requests.push(request);
      const answer = answers[Math.min(requests.length, answers.length) - 1]!;
      if (answer instanceof Error) throw answer;
      return toAnswer(answer);
    },
    close() {},
  };
}

/** An error as SQS answers it. */
export function refused(code: string, more: Canned = {}): Canned {
  return {
    status: 400,
    text: JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message: 'what SQS said' }),
    ...more,
  };
}
