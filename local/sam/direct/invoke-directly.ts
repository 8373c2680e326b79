import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { FunctionModel } from '../../../tools/template/model.ts';
import type { InvocationOutcome } from '../../gateway/lambda/execution-environment.ts';
import { createFunctionHost } from '../../gateway/lambda/function-host.ts';
import type { Log } from '../../gateway/lambda/log.ts';

/** A built function, and its variables. */
export interface ReadyFunction {
  readonly fn: FunctionModel;
  readonly bundleDirectory: string;
  readonly variables: Readonly<Record<string, string>>;
}

export interface DirectInvocation extends ReadyFunction {
  /** As JSON. */
  readonly event: string;
  readonly log: Log;
}

/** Runs a function once in a worker thread, as the local gateway does: without Docker, on this machine's Node.js. */
export async function invokeDirectly(invocation: DirectInvocation): Promise<InvocationOutcome> {
  const { fn, bundleDirectory, event, variables, log } = invocation;
  const host = createFunctionHost({ fn, bundleFile: path.join(bundleDirectory, 'index.mjs'), variables, log });
  try {
    return await host.invoke(event, randomUUID());
  } finally {
    await host.close();
  }
}
