import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { InvocationOutcome } from '../gateway/execution-environment.ts';
import { createFunctionHost } from '../gateway/function-host.ts';
import type { FunctionModel } from '../gateway/model.ts';
import { createTerminalLog } from '../gateway/terminal-log.ts';

export interface DirectInvocation {
  readonly fn: FunctionModel;
  readonly bundleDirectory: string;
  readonly eventFile: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Runs a function once, in a worker thread as the local gateway does: no Docker, and the Node.js of this machine. */
export async function invokeDirectly(invocation: DirectInvocation): Promise<InvocationOutcome> {
  const host = createFunctionHost({
    fn: invocation.fn,
    bundleFile: path.join(invocation.bundleDirectory, 'index.mjs'),
    variables: invocation.variables,
    log: createTerminalLog(process.stderr),
  });
  try {
    return await host.invoke(await readFile(invocation.eventFile, 'utf8'), randomUUID());
  } finally {
    await host.close();
  }
}
