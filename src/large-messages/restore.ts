/** The whole message that a small one stands for: fetched from the store that was configured, held against its digest, put together again. */

import { DecodeError } from '../errors.ts';
import { decodeOuter, decodeUtf8 } from '../wire/base64.ts';
import { openEnvelope } from '../wire/envelope.ts';
import { writeJson } from '../wire/json-write.ts';
import type { Envelope } from '../wire/message.ts';
import { shown } from '../wire/records.ts';
import { readAwsPointer } from './aws-pointer.ts';
import type { AwsPointer, LargeMessages } from './large-messages.ts';
import { digestOf } from './name.ts';
import { LARGE_CONTENT_TYPE, type Pointer, readPointer, toWhole } from './pointer.ts';

const OBJECT = 0x7b;
const ARRAY = 0x5b;

/**
 * The text as its sender wrote it, or the JSON in its base64, which reads the same; where it stands for another, that one. Nothing in a
 * message chooses a place but its task id and digest; what is fetched stands for no other in turn.
 *
 * @throws DecodeError `large-message-gone`, `large-message-changed`, `foreign-pointer`, `bad-large-message`, `too-large`; OperationalError
 */
export async function restore(text: string, large: LargeMessages): Promise<string> {
  const outer = decodeOuter(text);
  const first = outer.charCodeAt(0);
  if (first === ARRAY) return await followed(text, large);
  if (first !== OBJECT) return text;
  if (!outer.includes(LARGE_CONTENT_TYPE)) return outer;
  const envelope = openEnvelope(outer);
  if (envelope['content-type'] !== LARGE_CONTENT_TYPE) return outer;
  const pointer = readPointer(envelope);
  const body = decodeUtf8(await fetched(pointer, large));
  return written(toWhole(envelope, pointer), body);
}

/** Megabytes are not looked through for values that JSON has no name for: the body is text. */
function written(envelope: Omit<Envelope, 'body'>, body: string): string {
  return `{"body":${JSON.stringify(body)},${writeJson(envelope).slice(1)}`;
}

async function fetched(pointer: Pointer, large: LargeMessages): Promise<Uint8Array> {
  const { taskId, sha256, bytes } = pointer;
  const what = `The arguments of task ${shown(taskId)}`;
  if (bytes > large.maxBytes) {
    throw new DecodeError('too-large', `${what} take ${bytes} bytes; at most ${large.maxBytes} are fetched (maxBytes of largeMessages).`);
  }
  const payload = await large.get({ taskId, sha256 });
  if (payload === undefined) {
    throw new DecodeError('large-message-gone', `${what} are gone from the store of large messages, or were put into another one.`);
  }
  if (payload.byteLength !== bytes || digestOf(payload) !== sha256) {
    throw new DecodeError(
      'large-message-changed',
      `${what} are not what was put into the store of large messages: their SHA-256 is another.`,
    );
  }
  return payload;
}

/** Anything but a pointer is left to the reader, who refuses it. */
async function followed(text: string, large: LargeMessages): Promise<string> {
  const pointer = readAwsPointer(text);
  if (pointer === undefined) return text;
  const found = (await large.follow?.(pointer)) ?? 'foreign';
  if (found === 'foreign') throw foreign(pointer, large.follow !== undefined);
  if (found === 'gone') {
    throw new DecodeError('large-message-gone', `The message points to ${shown(pointer.key)}, which is gone from the bucket.`);
  }
  return decodeUtf8(found);
}

function foreign({ bucket, key }: AwsPointer, follows: boolean): DecodeError {
  const place = `The message points to ${shown(key)} in bucket ${shown(bucket)}`;
  const advice = follows ? 'only the bucket and the followPrefix that were configured are looked into' : 'such pointers are not followed';
  return new DecodeError('foreign-pointer', `${place}, as AWS's extended clients write it; ${advice}.`);
}
