/** A client of DynamoDB between a backend and the real one, which may answer in its place, fail, or have something happen first. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

export interface Seen {
  /** Like `PutItem`. */
  readonly action: string;
  // biome-ignore lint/suspicious/noExplicitAny: as the SDK has it
  readonly input: any;
}

export interface WatchedClient {
  readonly seen: readonly Seen[];
  send(command: never): Promise<unknown>;
}

/** @param meddle answers, throws, or lets the request go on with undefined */
export function watchedClient(real: DynamoDBClient, meddle: (seen: Seen, nth: number) => unknown = () => undefined): WatchedClient {
  const seen: Seen[] = [];
  return {
    seen,
    async send(command) {
      const given = command as { readonly constructor: { readonly name: string }; readonly input: unknown };
      const request = { action: given.constructor.name.replace(/Command$/, ''), input: given.input };
      seen.push(request);
      const nth = seen.filter(({ action }) => action === request.action).length;
      return (await meddle(request, nth)) ?? (await real.send(command));
    },
  };
}

/** An error as the SDK throws it. */
export function sdkError(name: string, more: object = {}): Error {
  return Object.assign(new Error(`why ${name}`), { name, $fault: 'client', $metadata: { httpStatusCode: 400 } }, more);
}
