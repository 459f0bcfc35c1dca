/** The dead-letter queue as a record: which task lies there, under which code. */

import type { Delivery } from '../../../src/index.ts';
import type { SqsTransport } from '../../../src/transports/sqs/index.ts';
import { openEnvelope } from '../../../src/wire/envelope.ts';
import { eventually } from './case.ts';

export interface Grave {
  /** Why it was quarantined; undefined for what SQS itself moved there. */
  readonly code: string | undefined;
  readonly body: string;
}

export interface Graveyard {
  /** Waits for the task to be buried. */
  of(taskId: string): Promise<Grave>;
  /** What lies there without having been asked for. */
  unexpected(): Promise<readonly string[]>;
}

export function createGraveyard(transport: SqsTransport, queue: string): Graveyard {
  const graves = new Map<string, Grave>();
  const expected = new Set<string>();
  const dig = async (): Promise<void> => {
    for (const delivery of await transport.inbox.receive(queue)) {
      graves.set(taskIdOf(delivery), { code: codeOf(delivery), body: delivery.body });
      await transport.inbox.done(delivery);
    }
  };
  return {
    of: async (taskId) => {
      expected.add(taskId);
      return await eventually(`${taskId} in the dead-letter queue`, async () => {
        if (!graves.has(taskId)) await dig();
        return graves.get(taskId);
      });
    },
    unexpected: async () => {
      await dig();
      return [...graves].filter(([id]) => !expected.has(id)).map(([id, { code }]) => `${id} (${code ?? 'moved by SQS'})`);
    },
  };
}

const taskIdOf = ({ body, messageId }: Delivery): string => String(openEnvelope(body).headers['id'] ?? messageId);

function codeOf({ attributes }: Delivery): string | undefined {
  const code = attributes?.['celeriac.code'];
  return code?.type === 'String' ? code.value : undefined;
}
