import type { Tracer } from '@aws-lambda-powertools/tracer';
import { isTraced } from '../config.ts';
import { prepareBy } from '../prepare.ts';

/** What a trace shows of a request. */
export interface TracedRequest {
  /** The route pattern, not the path: a path can contain a secret. */
  readonly name: string;
  readonly requestId: string;
  /** Returns the code of a failure of our own, or null for an answer that refuses the request. */
  readonly failureCode: (error: unknown) => string | null;
}

let tracer: Tracer | undefined;

prepareBy(() => (isTraced() ? loadTracer() : undefined));

/**
 * Runs a request in a subsegment of X-Ray, which `requestId` finds and which shows the code of a failure, never its
 * message. Without tracing, it only runs the request.
 */
export async function traced<T>(request: TracedRequest, run: () => Promise<T>): Promise<T> {
  if (!isTraced()) return run();
  const { Tracer } = await loadTracer();
  // It would otherwise change Node's own HTTP clients.
  tracer ??= new Tracer({ serviceName: 'lectern', captureHTTPsRequests: false });
  const subsegment = tracer.getSegment()?.addNewSubsegment(allowedName(request.name));
  subsegment?.addAnnotation('requestId', request.requestId);
  try {
    return await run();
  } catch (error) {
    const code = request.failureCode(error);
    if (code !== null) {
      subsegment?.addFaultFlag();
      subsegment?.addAnnotation('code', code);
    }
    throw error;
  } finally {
    subsegment?.close();
  }
}

/** X-Ray allows no braces in a name ("AWS X-Ray segment documents"): `/courses/:courseId`. */
function allowedName(name: string): string {
  return name.replace(/\{(\w+)\}/g, ':$1');
}

/** A chunk of its own, which only deployments with tracing load. */
function loadTracer() {
  return import('@aws-lambda-powertools/tracer');
}
