/** Sending without the AWS SDK: blocks of docs/lean-transport.md. */

// #region lean
import { createSqsFetchTransport } from 'celeriac/transports/sqs-fetch';
import { app, resize } from './tasks.ts';

export function connectLean(): void {
  app.connect({ transport: createSqsFetchTransport() });
}

export async function orderLean(): Promise<string> {
  const { id } = await resize.applyAsync(['https://example.com/a.png', 640], { countdown: 5 });
  return id;
}
// #endregion

// #region keys
/** Whatever gives temporary keys, like a call of AssumeRole. */
export interface Vault {
  read(): Promise<{ id: string; secret: string; token: string; endsAt: string }>;
}

export function connectWithKeysOf(vault: Vault): void {
  const transport = createSqsFetchTransport({
    credentials: async () => {
      const { id, secret, token, endsAt } = await vault.read();
      return { accessKeyId: id, secretAccessKey: secret, sessionToken: token, expiration: new Date(endsAt) };
    },
  });
  app.connect({ transport });
}
// #endregion
