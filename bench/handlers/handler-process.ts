import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { NodeBinary } from '../measuring/node-binary.ts';
import type { OperationCost, Order, Report, SeenAnswer } from './protocol.ts';

/** A handler's bundle, and what runs it. */
export interface HandlerProgram {
  readonly node: NodeBinary;
  /** The bundled measured-process.ts. */
  readonly runner: string;
  /** The URL of the handler's bundle. */
  readonly bundle: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A handler in a process of its own, waiting for orders. */
export interface HandlerProcess {
  readonly importMilliseconds: number;
  answer(events: readonly string[]): Promise<readonly SeenAnswer[]>;
  /** What one event takes, over as many as fit into the time. */
  run(events: readonly string[], milliseconds: number): Promise<OperationCost>;
  /** The most memory that the process has held so far. */
  peakMegabytes(): Promise<number>;
  stop(): Promise<void>;
}

export async function startHandler({ node, runner, bundle, environment }: HandlerProgram): Promise<HandlerProcess> {
  const child = fork(runner, [bundle], {
    execPath: node.path,
    // Not the flags of this process, which has a TypeScript loader.
    execArgv: [],
    env: { ...environment, NODE_ENV: 'production', POWERTOOLS_LOG_LEVEL: 'SILENT' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const imported = await nextReport(child, 'imported');

  async function ask<Kind extends Report['kind']>(order: Order, kind: Kind) {
    const report = nextReport(child, kind);
    child.send(order);
    return report;
  }

  return {
    importMilliseconds: imported.milliseconds,
    answer: async (events) => (await ask({ kind: 'answer', events }, 'answered')).answers,
    run: async (events, milliseconds) => (await ask({ kind: 'run', events, milliseconds }, 'ran')).cost,
    peakMegabytes: async () => (await ask({ kind: 'memory' }, 'memory')).megabytes,
    stop: async () => {
      if (child.exitCode !== null) return;
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}

function nextReport<Kind extends Report['kind']>(
  child: ChildProcess,
  kind: Kind,
): Promise<Extract<Report, { kind: Kind }>> {
  return new Promise((resolve, reject) => {
    const exited = (code: number | null) => reject(new Error(`A measured process ended with ${code ?? 'a signal'}`));
    child.once('exit', exited);
    child.once('message', (report: Report) => {
      child.off('exit', exited);
      if (isOf(report, kind)) resolve(report);
      else reject(new Error(`A measured process reported ${report.kind} where ${kind} was due`));
    });
  });
}

function isOf<Kind extends Report['kind']>(report: Report, kind: Kind): report is Extract<Report, { kind: Kind }> {
  return report.kind === kind;
}
