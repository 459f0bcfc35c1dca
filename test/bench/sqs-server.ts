/**
 * An SQS that accepts everything and keeps nothing, in a process of its own: what a client costs is measured, and a server beside it
 * would be counted. It answers GetQueueUrl, SendMessage and SendMessageBatch in the JSON protocol, with the digests that the SDK checks.
 */

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Request {
  readonly QueueName?: string;
  readonly MessageBody?: string;
  readonly Entries?: readonly { readonly Id: string; readonly MessageBody: string }[];
}

const MESSAGE_ID = '1c704089-39e8-4873-9733-8c8d4f1a7a11';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

let port = 0;
let requests = 0;
let messages = 0;

function answer(action: string | undefined, request: Request): object {
  const { QueueName, MessageBody = '', Entries = [] } = request;
  requests += 1;
  switch (action) {
    case 'GetQueueUrl':
      return { QueueUrl: `http://127.0.0.1:${port}/000000000000/${QueueName}` };
    case 'SendMessage':
      messages += 1;
      return { MessageId: MESSAGE_ID, MD5OfMessageBody: md5(MessageBody) };
    case 'SendMessageBatch':
      messages += Entries.length;
      return { Successful: Entries.map(({ Id, MessageBody }) => ({ Id, MessageId: MESSAGE_ID, MD5OfMessageBody: md5(MessageBody) })) };
    default:
      throw new Error(`The bench's SQS does not know ${action}.`);
  }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const server = createServer(async (request, response) => {
  const action = String(request.headers['x-amz-target']).split('.')[1];
  const text = JSON.stringify(answer(action, JSON.parse(await read(request))));
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': Buffer.byteLength(text) }).end(text);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  ({ port } = server.address() as AddressInfo);
});
process.on('message', ({ do: what }: { readonly do: 'listen' | 'count' }) => {
  if (what === 'count') process.send!({ requests, messages });
  else if (server.listening) process.send!({ port });
  else server.once('listening', () => process.send!({ port }));
  requests = 0;
  messages = 0;
});
process.on('disconnect', () => process.exit());
