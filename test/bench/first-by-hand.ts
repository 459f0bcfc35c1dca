/** The least that sends a task to SQS from a cold start: one request, signed by hand (Signature Version 4), over Node's http or https. */

import { createHash, createHmac, randomUUID } from 'node:crypto';
import type { RequestOptions } from 'node:http';
import { templateString } from './by-hand.ts';

const {
  AWS_REGION: region = '',
  AWS_ACCESS_KEY_ID: keyId = '',
  AWS_SECRET_ACCESS_KEY: secret = '',
  SQS_ENDPOINT: endpoint = '',
} = process.env;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

export async function handler(): Promise<{ batchItemFailures: unknown[] }> {
  const QueueUrl = `${endpoint}/000000000000/celery`;
  await send('SendMessage', JSON.stringify({ QueueUrl, MessageBody: templateString([2, 3], randomUUID()) }));
  return { batchItemFailures: [] };
}

async function send(action: string, body: string): Promise<void> {
  const url = new URL(endpoint);
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${time.slice(0, 8)}/${region}/sqs/aws4_request`;
  const signed = {
    'content-type': 'application/x-amz-json-1.0',
    host: url.host,
    'x-amz-date': time,
    'x-amz-target': `AmazonSQS.${action}`,
  };
  const names = Object.keys(signed).join(';');
  const lines = Object.entries(signed).map(([name, value]) => `${name}:${value}\n`);
  const canonical = `POST\n/\n\n${lines.join('')}\n${names}\n${sha256(body)}`;
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${keyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  const headers = { ...signed, authorization, 'content-length': Buffer.byteLength(body) };
  await post(url, { method: 'POST', headers }, body);
}

function post(url: URL, options: RequestOptions, body: string): Promise<void> {
  // An import of node:http would load undici as well.
  const { request } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http');
  return new Promise((resolve, reject) => {
    request(url, options, (response) => {
      if (response.statusCode !== 200) reject(new Error(`SQS answered ${response.statusCode}.`));
      response.on('end', resolve).resume();
    })
      .on('error', reject)
      .end(body);
  });
}
