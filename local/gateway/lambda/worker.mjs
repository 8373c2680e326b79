/*
 * Runs inside the worker thread of a function, as Lambda's runtime does inside its container: imports the bundle and
 * passes events to its handler. Plain JavaScript, because no TypeScript loader is active here.
 */
import { parentPort, workerData } from 'node:worker_threads';

const { bundleUrl, functionName, memoryMegabytes, region, maxResultBytes } = workerData;

/** Returns the handler of the bundle. Null if it has none, after telling the gateway why. */
async function importHandler() {
  try {
    const { handler } = await import(bundleUrl);
    if (typeof handler !== 'function') throw new TypeError('The bundle exports no function named handler');
    return handler;
  } catch (cause) {
    parentPort.postMessage({ type: 'not-started', error: describe(cause) });
    return null;
  }
}

/** The second argument of a handler ("Using the Lambda context object to retrieve Node.js function information"). */
function lambdaContext(requestId, deadline) {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${region}:000000000000:function:${functionName}`,
    memoryLimitInMB: String(memoryMegabytes),
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    identity: undefined,
    clientContext: undefined,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

async function answer(handler, { event, requestId, deadline }) {
  try {
    const result = await handler(JSON.parse(event), lambdaContext(requestId, deadline));
    const json = JSON.stringify(result) ?? 'null';
    if (Buffer.byteLength(json) > maxResultBytes) {
      const message = `Response payload size exceeded maximum allowed payload size (${maxResultBytes} bytes).`;
      return { type: 'failed', requestId, error: { name: 'Function.ResponseSizeTooLarge', message } };
    }
    return { type: 'answered', requestId, json };
  } catch (cause) {
    return { type: 'failed', requestId, error: describe(cause) };
  }
}

function describe(cause) {
  if (!(cause instanceof Error)) return { name: 'Error', message: String(cause) };
  return { name: cause.name, message: cause.message, stack: cause.stack };
}

const handler = await importHandler();
if (handler !== null) {
  parentPort.on('message', async (invocation) => {
    parentPort.postMessage(await answer(handler, invocation));
  });
  parentPort.postMessage({ type: 'started' });
}
