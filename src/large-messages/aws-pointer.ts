/** What AWS's extended clients (Java, Python, and others after them) send in the place of a large message. */

import { readJson } from '../wire/json-read.ts';
import { isRecord } from '../wire/records.ts';
import type { AwsPointer } from './large-messages.ts';

/** The classes whose names are written: today's, and the one of the Java client before version 1.1. */
const CLASSES: ReadonlySet<unknown> = new Set([
  'software.amazon.payloadoffloading.PayloadS3Pointer',
  'com.amazon.sqs.javamessaging.MessageS3Pointer',
]);

/** The pointer in a JSON array of class name and place; undefined for any other text. Throws DecodeError where it is not JSON. */
export function readAwsPointer(text: string): AwsPointer | undefined {
  if (!text.includes('S3Pointer')) return undefined;
  const pair = readJson(text);
  if (!Array.isArray(pair) || pair.length !== 2 || !CLASSES.has(pair[0]) || !isRecord(pair[1])) return undefined;
  const { s3BucketName: bucket, s3Key: key } = pair[1];
  return typeof bucket === 'string' && typeof key === 'string' ? { bucket, key } : undefined;
}
