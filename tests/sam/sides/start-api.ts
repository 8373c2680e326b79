import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../../local/http/listen.ts';
import { type LocalRun, localArguments, type SamCli } from '../../../local/sam/container/sam-cli.ts';
import { codeOf } from '../../../tools/platform/errors.ts';

export interface LocalApi {
  /** Base URL of every route. sam omits the stage. */
  readonly url: string;
  /** All output of sam and the functions. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts `sam local start-api` and waits until it accepts connections. It keeps containers between requests. */
export async function startLocalApi(sam: SamCli, run: LocalRun, signal: AbortSignal): Promise<LocalApi> {
  const port = await freePort();
  const args = ['local', 'start-api', ...localArguments(sam, run), '--port', String(port), '--warm-containers', 'LAZY'];
  // Its output goes to pipes, which must be drained: it would block on a full one.
  const child = spawn(sam.command, args, { env: sam.env, cwd: sam.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk));
  const exited = once(child, 'close');
  const api: LocalApi = {
    url: `http://127.0.0.1:${port}`,
    log: () => Buffer.concat(printed).toString(),
    async stop() {
      // SIGTERM makes it remove its containers; SIGKILL would leave them.
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
