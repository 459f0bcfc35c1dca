/** Kills a child process when this one dies in any way, SIGKILL included: a child in an endless loop would notice nothing itself. */

import { spawn } from 'node:child_process';

// Reads a pipe that only this process holds open; the read ends when this process does.
const SCRIPT = `trap '' INT TERM HUP; read _; kill -9 "$1"`;

/** Guards the process `pid` until the function returned is called. Does nothing where there is no /bin/sh. */
export function guard(pid: number): () => void {
  const dog = spawn('/bin/sh', ['-c', SCRIPT, 'sh', String(pid)], { stdio: ['pipe', 'ignore', 'ignore'] });
  dog.on('error', () => {});
  dog.unref();
  (dog.stdin as unknown as { unref?(): void }).unref?.();
  return () => {
    dog.kill('SIGKILL');
  };
}
