import { randomUUID } from 'node:crypto';
import path from 'node:path';
import {
  type FunctionError,
  type InvocationOutcome,
  startExecutionEnvironment,
} from '../../../local/gateway/lambda/execution-environment.ts';
import type { FunctionModel } from '../../../tools/template/model.ts';

/** A published version: a bundle with the variables that it was published with. */
export interface PublishedVersion {
  readonly fn: FunctionModel;
  /** The physical name. */
  readonly functionName: string;
  readonly version: string;
  /** The folder with `index.mjs`. */
  readonly directory: string;
  readonly variables: Readonly<Record<string, string>>;
}

export interface Invoked {
  readonly outcome: InvocationOutcome;
  /** The messages in the function's log: what the function wrote, and what Lambda adds. */
  readonly lines: readonly string[];
}

/** Runs a version once in an execution environment of its own, as Lambda does, and returns what is in its log. */
export async function invokeVersion(published: PublishedVersion, event: unknown): Promise<Invoked> {
  const { fn, functionName, version, directory, variables } = published;
  let output = '';
  const errors: { readonly error: FunctionError; readonly requestId: string | null }[] = [];
  const environment = startExecutionEnvironment({
    fn,
    bundleFile: path.join(directory, 'index.mjs'),
    variables: { ...variables, AWS_LAMBDA_FUNCTION_NAME: functionName, AWS_LAMBDA_FUNCTION_VERSION: version },
    onOutput: (chunk) => {
      output += chunk.toString();
    },
    onError: (error, requestId) => errors.push({ error, requestId }),
    onEnd: () => undefined,
  });
  const requestId = randomUUID();
  const outcome = await environment.invoke(JSON.stringify(event), requestId);
  await environment.terminate();
  const written = output.split('\n').filter((line) => line !== '');
  const failed = outcome.kind === 'failed' ? [outcome.error] : [];
  return { outcome, lines: [...written, ...failed.map((error) => lambdaLine(error, errors, requestId))] };
}

/**
 * What Lambda logs of a failure itself (aws-lambda-nodejs-runtime-interface-client, `Errors.js` and `LogPatch.js`, and
 * "Troubleshoot invocation issues in Lambda").
 */
function lambdaLine(
  error: FunctionError,
  errors: readonly { readonly error: FunctionError; readonly requestId: string | null }[],
  requestId: string,
): string {
  const time = '2026-12-01T12:00:00.000Z';
  if (error.name === 'Sandbox.Timedout') return `${time} ${requestId} ${error.message}`;
  const { name: errorType, message: errorMessage, stack = '' } = error;
  const isOfInvocation = errors.some((reported) => reported.error === error && reported.requestId !== null);
  const kind = isOfInvocation ? 'Invoke Error' : 'Uncaught Exception';
  const details = JSON.stringify({ errorType, errorMessage, stack: stack.split('\n') });
  return `${time}\t${isOfInvocation ? requestId : 'undefined'}\tERROR\t${kind}\t${details}`;
}

/** The body and the header of Lambda's answer to an invocation ("Invoke", response). */
export function invocationAnswer({ outcome }: Invoked) {
  if (outcome.kind === 'answered') return { body: JSON.parse(outcome.json) as unknown };
  const { name: errorType, message: errorMessage } = outcome.error;
  return { headers: { 'X-Amz-Function-Error': 'Unhandled' }, body: { errorType, errorMessage } };
}
