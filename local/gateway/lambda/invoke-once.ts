import { randomUUID } from 'node:crypto';
import type { InvocationOutcome } from './execution-environment.ts';
import { createFunctionHost, type FunctionHostOptions } from './function-host.ts';

/** Runs a function once, without a gateway. @param event as JSON */
export async function invokeOnce(event: string, options: FunctionHostOptions): Promise<InvocationOutcome> {
  const host = createFunctionHost(options);
  try {
    return await host.invoke(event, randomUUID());
  } finally {
    await host.close();
  }
}
