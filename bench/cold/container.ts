import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { ContainerReport, Invocation, Taken } from './container-process.ts';
import type { ProcessorShare } from './processor-share.ts';

export interface ContainerProgram {
  readonly nodePath: string;
  /** The bundled container-process.ts. */
  readonly runner: string;
  /** The URL of the function's bundle. */
  readonly bundle: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** What a container took from its start on. */
export interface ContainerFigures {
  readonly init: Taken;
  readonly first: Invocation;
  readonly second: Invocation;
  /** Processor time of later requests, with a whole processor: those that come after the code is compiled. */
  readonly warm: readonly number[];
}

/** Requests before and while a container counts as warm. */
const WARM_UPS = 4;
const WARM = 4;

/**
 * Starts a container with a whole processor, and sends it two requests that it handles with a share of one, as on Lambda.
 * @param held null where processes cannot be held to a share
 */
export async function runContainer(
  { nodePath, runner, bundle, environment }: ContainerProgram,
  nextEvent: () => string,
  share: number,
  held: ProcessorShare | null,
): Promise<ContainerFigures> {
  const child = fork(runner, [bundle], {
    execPath: nodePath,
    execArgv: [],
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exit = once(child, 'exit');
  const failure = exit.then(([code]) => {
    throw new Error(`A container ended with ${code ?? 'a signal'}`);
  });
  failure.catch(() => undefined);
  const report = async () => {
    const [message] = await Promise.race([once(child, 'message'), failure]);
    return message as ContainerReport;
  };
  const invoke = async () => {
    const invoked = report();
    child.send(nextEvent());
    const answer = await invoked;
    if (answer.kind !== 'invoked') throw new Error('A container was initialized twice');
    const { status } = answer.invocation;
    if (status !== null && status >= 400) throw new Error(`A container answered ${status}`);
    return answer.invocation;
  };
  const { pid = 0 } = child;

  try {
    const initialized = await report();
    if (initialized.kind !== 'initialized') throw new Error('A container was invoked before its init phase ended');
    await held?.hold(pid, share);
    const first = await invoke();
    const second = await invoke();
    await held?.release(pid);
    const warm: number[] = [];
    for (let count = 0; count < WARM_UPS + WARM; count += 1) {
      const { processor } = await invoke();
      if (count >= WARM_UPS) warm.push(processor);
    }
    return { init: initialized.taken, first, second, warm };
  } finally {
    child.kill('SIGKILL');
    await exit;
  }
}
