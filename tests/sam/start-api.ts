import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../local/http/listen.ts';
import { type LocalRun, localArguments, type SamCli } from '../../local/sam/container/sam-cli.ts';
import { codeOf } from '../../tools/platform/errors.ts';

export interface LocalApi {
  /** Base of every route; sam leaves the stage out of it. */
  readonly url: string;
  /** All that sam and the functions have printed. */
  log(): string;
  stop(): Promise<void>;
}

/** `sam local start-api`, once it takes connections. Containers are kept from one request to the next. */
export async function startLocalApi(sam: SamCli, run: LocalRun, signal: AbortSignal): Promise<LocalApi> {
  const port = await freePort();
  const args = ['local', 'start-api', ...localArguments(sam, run), '--port', String(port), '--warm-containers', 'LAZY'];
  // Its output goes to pipes, which must be read to the end: it would stand still on a full one.
  const child = spawn(sam.command, args, { env: sam.env, cwd: sam.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk));
  const exited = once(child, 'close');
  const api: LocalApi = {
    url: `http://127.0.0.1:${port}`,
    log: () => Buffer.concat(printed).toString(),
    async stop() {
      // Asked to end, it removes its containers; killed, it would leave them.
      child.kill('SIGTERM');
      await exited;
    },
  };
  try {
    while (!(await takesConnections(port))) {
      signal.throwIfAborted();
      if (child.exitCode !== null) throw new Error(`sam local start-api ended: ${api.log()}`);
      await wait(100);
    }
    return api;
  } catch (error) {
    await api.stop();
    throw error;
  }
}

async function takesConnections(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    if (codeOf(error) === 'ECONNREFUSED') return false;
    throw error;
  } finally {
    socket.destroy();
  }
}
