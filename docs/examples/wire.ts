/** Reading and writing Celery's messages without an app. */

// #region wire
import { createCodecs, jsonCodec, readMessage, writeMessage } from 'celeriac/wire';

export function roundTrip(): unknown {
  const body = writeMessage({
    task: 'images.thumbnail',
    id: crypto.randomUUID(),
    args: ['https://example.com/a.png'],
    kwargs: { width: 64 },
    routingKey: 'python',
    codec: jsonCodec,
  });
  const { headers, args, kwargs } = readMessage(body, { codecs: createCodecs() });
  return { task: headers.task, args, kwargs };
}
// #endregion
