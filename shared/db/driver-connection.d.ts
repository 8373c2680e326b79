/** The driver's class of connections, as far as connection.ts needs it. The driver declares no types for it. */
declare module 'mongodb/lib/cmap/connection.js' {
  import type { EventEmitter } from 'node:events';

  export class Connection extends EventEmitter {
    /** Runs a command and returns the reply. */
    command(...command: readonly unknown[]): Promise<unknown>;
  }
}
