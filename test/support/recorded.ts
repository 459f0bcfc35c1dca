/** The recorded messages and tables of the real Celery, read from test/interop/recorded/fixtures. */

import { readdirSync, readFileSync } from 'node:fs';

const FIXTURES = new URL('../interop/recorded/fixtures/', import.meta.url);

export interface RecordedMessage {
  /** File name, and the position within the file beyond the first. */
  readonly name: string;
  /** As SendMessage was given it. */
  readonly messageBody: string;
  /** The envelope with its body decoded, as JSON text, so that its reader decides about tags. */
  readonly decodedText: string;
}

interface Recorded {
  readonly sqs: { readonly MessageBody: string };
  readonly decoded: unknown;
}

/** Every message of fixtures/celery, of all versions. */
export function recordedMessages(): RecordedMessage[] {
  return fileNames('celery').flatMap((file) => {
    const scenario = JSON.parse(readText(`celery/${file}`)) as Recorded & { readonly also: readonly Recorded[] };
    return [scenario, ...scenario.also].map((message, index) => ({
      name: index === 0 ? file : `${file}#${index}`,
      messageBody: message.sqs.MessageBody,
      decodedText: JSON.stringify(message.decoded),
    }));
  });
}

/** The rows of a table in fixtures/celery-extra. */
export function recordedRows<Row>(table: string): readonly Row[] {
  return (JSON.parse(readText(`celery-extra/${table}.json`)) as { readonly rows: readonly Row[] }).rows;
}

export function fileNames(folder: string): string[] {
  return readdirSync(new URL(folder, FIXTURES))
    .filter((file) => file.endsWith('.json'))
    .sort();
}

export function readText(path: string): string {
  return readFileSync(new URL(path, FIXTURES), 'utf8');
}
