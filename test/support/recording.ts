/** A transport that keeps what it was given and answers as it is told; and a logger that keeps its lines. */

import { OperationalError } from '../../src/errors.ts';
import type { Logger, LogLine } from '../../src/logger.ts';
import type { Outgoing, Receipt, Transport } from '../../src/transports/transport.ts';

export interface RecordingTransport extends Transport {
  readonly sent: Outgoing[];
  /** How many requests there were. */
  readonly calls: () => number;
}

/** @param answer what a message gets; default accepted */
export function createRecordingTransport(answer: (message: Outgoing, call: number) => Receipt = accepted): RecordingTransport {
  const sent: Outgoing[] = [];
  let calls = 0;
  return {
    limits: { messageBytes: 1_048_576, delaySeconds: 900 },
    sent,
    calls: () => calls,
    async send(batch) {
      calls++;
      sent.push(...batch);
      return batch.map((message) => answer(message, calls));
    },
  };
}

export const accepted = (message: Outgoing): Receipt => ({ ok: true, messageId: `m-${message.id}` });
export const throttled = (): Receipt => ({ ok: false, error: new OperationalError('slow down', { retryable: true }) });
export const refused = (): Receipt => ({ ok: false, error: new OperationalError('no', { retryable: false }) });

export interface RecordingLogger extends Logger {
  readonly lines: (LogLine & { level: string })[];
}

export function createRecordingLogger(): RecordingLogger {
  const lines: (LogLine & { level: string })[] = [];
  const at = (level: string) => (line: LogLine) => void lines.push({ ...line, level });
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
