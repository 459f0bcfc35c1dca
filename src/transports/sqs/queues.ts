/**
 * From a Celery queue name to its SQS URL: predefined, or looked up once and kept. Creating queues is the infrastructure's
 * business, unlike kombu, which creates what it does not find.
 */

import { QueueNotFound } from '../../errors.ts';
import type { Outgoing } from '../transport.ts';
import type { SqsApi } from './api.ts';
import { toFailure } from './failures.ts';
import { checkSqsName, toSqsName } from './names.ts';
import { type PredefinedQueue, predefinedUrls } from './predefined.ts';

export interface QueueOptions {
  /**
   * Queue name to URL. With these, nothing is looked up and any other name is QueueNotFound (kombu's predefined_queues).
   * A key is the name as Celery has it, or the SQS name as kombu wants it.
   */
  readonly queues?: Readonly<Record<string, PredefinedQueue>>;
  /** Put before every queue name (kombu's queue_name_prefix). Default none. */
  readonly queueNamePrefix?: string;
}

/** A queue as Celery names it, or with `ownName` as SQS does. */
export type Address = Pick<Outgoing, 'queue' | 'ownName'>;

export interface QueueUrls {
  /** Rejects with QueueNotFound, ImproperlyConfigured or OperationalError. */
  url(address: Address): Promise<string>;
  /** The URL, where it need not be looked up. */
  known(address: Address): string | undefined;
  /** SQS's own name, which a delivery has. Throws QueueNotFound or ImproperlyConfigured, and looks nothing up. */
  name(address: Address): string;
  /** Drops a URL that was looked up: the queue may have been deleted and made anew. */
  forget(address: Address): void;
}

export function createQueueUrls(api: SqsApi, { queues, queueNamePrefix = '' }: QueueOptions): QueueUrls {
  const names = new Map<string, string>();
  const named = (queue: string): string => {
    const name = toSqsName(queueNamePrefix + queue);
    names.set(queue, name);
    return name;
  };
  const toName = ({ queue, ownName }: Address): string => (ownName === true ? queue : (names.get(queue) ?? named(queue)));
  return queues === undefined ? lookedUp(api, toName) : predefined(queues, toName);
}

/** SQS's own name of a queue: the last part of its URL, as of its ARN. */
export function nameInUrl(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

type ToName = (address: Address) => string;

function predefined(queues: Readonly<Record<string, PredefinedQueue>>, toName: ToName): QueueUrls {
  const urls = predefinedUrls(queues);
  const byOwnName = new Map(Array.from(urls.values(), (url) => [nameInUrl(url), url]));
  const known = (address: Address): string | undefined => {
    const { queue, ownName } = address;
    return ownName === true ? byOwnName.get(queue) : (urls.get(queue) ?? urls.get(toName(address)));
  };
  const url = (address: Address): string => {
    const { queue } = address;
    const found = known(address);
    if (found === undefined) throw new QueueNotFound(queue, { hint: 'Add it to the transport’s `queues`, or correct the name.' });
    return found;
  };
  return {
    url: async (address) => url(address),
    known,
    name: (address) => nameInUrl(url(address)),
    forget() {},
  };
}

function lookedUp(api: SqsApi, toName: ToName): QueueUrls {
  const urls = new Map<string, Promise<string>>();
  const known = new Map<string, string>();

  const lookUp = async (sqsName: string, queue: string): Promise<string> => {
    checkSqsName(sqsName, queue);
    try {
      const url = await api.getQueueUrl(sqsName);
      known.set(sqsName, url);
      return url;
    } catch (error) {
      throw toFailure(error, { action: 'sqs:GetQueueUrl', queue, sqsName });
    }
  };

  const lookUpAndKeep = (sqsName: string, queue: string): Promise<string> => {
    const url = lookUp(sqsName, queue);
    urls.set(sqsName, url);
    url.catch(() => urls.delete(sqsName));
    return url;
  };

  return {
    url(address) {
      const sqsName = toName(address);
      return urls.get(sqsName) ?? lookUpAndKeep(sqsName, address.queue);
    },
    known: (address) => known.get(toName(address)),
    name(address) {
      const sqsName = toName(address);
      checkSqsName(sqsName, address.queue);
      return sqsName;
    },
    forget(address) {
      const sqsName = toName(address);
      urls.delete(sqsName);
      known.delete(sqsName);
    },
  };
}
