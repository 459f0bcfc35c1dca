/** The five SQS operations as a record of calls; what each answers is the test's to say. */

import { vi } from 'vitest';
import type { SqsApi, SqsBatchAnswer, SqsEntry } from '../../../../src/transports/sqs/api.ts';

export function fakeApi(answers: Partial<SqsApi> = {}) {
  return {
    getQueueUrl: vi.fn(answers.getQueueUrl ?? (async (name) => `https://sqs.test/1/${name}`)),
    sendMessageBatch: vi.fn(answers.sendMessageBatch ?? (async (_url, entries) => accepted(entries))),
    receiveMessage: vi.fn(answers.receiveMessage ?? (async () => [])),
    deleteMessage: vi.fn(answers.deleteMessage ?? (async () => {})),
    changeMessageVisibility: vi.fn(answers.changeMessageVisibility ?? (async () => {})),
    close: vi.fn(async () => {}),
  } satisfies SqsApi;
}

/** All taken, each under its own body as message id. */
export function accepted(entries: readonly SqsEntry[]): SqsBatchAnswer {
  return { Successful: entries.map(({ Id, MessageBody }) => ({ Id, MessageId: `id of ${MessageBody}` })) };
}

export function sdkError(name: string, more: Readonly<Record<string, unknown>> = {}): Error {
  return Object.assign(new Error('what SQS said'), { name, ...more });
}
