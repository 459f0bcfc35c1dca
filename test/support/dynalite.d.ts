/** The few types of dynalite that the tests use; it brings none. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface Options {
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }
  const dynalite: (options?: Options) => Server;
  // biome-ignore lint/style/noDefaultExport: the module is CommonJS, its export is the function.
  export default dynalite;
}
