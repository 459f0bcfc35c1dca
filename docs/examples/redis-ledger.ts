/** A ledger in Redis: a block of docs/revoking.md. */

// #region redis
import { createRedisLedger } from 'celeriac/ledgers/redis';

export const inRedis = createRedisLedger({ url: 'rediss://ledger.example:6379/0' });
// #endregion
