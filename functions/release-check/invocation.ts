import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { Release } from './deployment.ts';
import type { Probe } from './probes.ts';

/** What an invocation shows of its result: never the body of an answer, which the check must not log. */
export interface Invocation {
  /** Null if the function returned its result. */
  readonly error: { readonly kind: string; readonly message: string } | null;
  /** Null if the result is not that of a route. */
  readonly status: number | null;
}

/**
 * Longest wait for one invocation, in milliseconds: twice the timeout of a function, since Lambda repeats an import that
 * did not end in time.
 */
const PATIENCE_MS = 25_000;

/** Invokes a version, as API Gateway does. */
export async function invokeVersion({ functionName, version }: Release, event: unknown): Promise<Invocation> {
  const { InvokeCommand } = await import('@aws-sdk/client-lambda');
  const client = await lambda();
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({ FunctionName: functionName, Qualifier: version, Payload: JSON.stringify(event) }),
    { abortSignal: AbortSignal.timeout(PATIENCE_MS) },
  );
  const result = parse(Payload?.transformToString() ?? 'null');
  const { statusCode, errorMessage } = isObject(result) ? result : {};
  return {
    error: FunctionError === undefined ? null : { kind: FunctionError, message: String(errorMessage ?? '') },
    status: typeof statusCode === 'number' ? statusCode : null,
  };
}

/** Tells what is wrong with the result of a probe, or null if it is as expected. */
export function faultOf({ expected }: Probe, { error, status }: Invocation): string | null {
  if ('error' in expected) {
    if (error?.message === expected.error) return null;
    return error === null ? 'returned instead of refusing' : `failed: ${error.message}`;
  }
  if (error !== null) return `failed: ${error.message}`;
  return status === expected.status ? null : `answered ${status ?? 'with no status'} instead of ${expected.status}`;
}

let client: LambdaClient | undefined;

async function lambda(): Promise<LambdaClient> {
  const { LambdaClient } = await import('@aws-sdk/client-lambda');
  client ??= new LambdaClient();
  return client;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // Without its cause, whose message would quote the result.
    throw new Error('The result of the function is not JSON');
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
