import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import path from 'node:path';
import { probeEvent } from '../../functions/release-check/probe-event.ts';
import { PROBES } from '../../functions/release-check/probes.ts';
import { startExecutionEnvironment } from '../../local/gateway/lambda/execution-environment.ts';
import type { PublishedVersion } from '../support/aws/lambda-versions.ts';
import { useDatabase } from '../support/database/database.ts';
import { useBundles } from '../support/functions/broken-bundles.ts';
import { usePublishedVersions } from '../support/functions/published-versions.ts';

const database = useDatabase();
const bundles = useBundles();
const publish = usePublishedVersions(database);

const TRACE = { root: '1-692cd6a0-0123456789abcdef01234567', parent: '0123456789abcdef' };

/** In place of the X-Ray daemon, which Lambda runs beside each function. */
let daemon: Socket;
beforeAll(async () => {
  daemon = createSocket('udp4');
  daemon.bind(0, '127.0.0.1');
  await once(daemon, 'listening');
});
afterAll(() => daemon.close());

/** What Lambda sets where tracing is active ("Using Lambda environment variables"). */
const traced = () => ({
  TRACING: 'true',
  LAMBDA_TASK_ROOT: '/var/task',
  AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
  AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
  _X_AMZN_TRACE_ID: `Root=${TRACE.root};Parent=${TRACE.parent};Sampled=1`,
});

/** Sends the first probe of courses, and returns the segment document that the daemon gets. */
async function segmentOf({ fn, directory, variables }: PublishedVersion): Promise<Readonly<Record<string, unknown>>> {
  const [, , , probe] = PROBES['courses'] ?? [];
  if (probe === undefined) throw new Error('There is no probe of a lesson');
  const environment = startExecutionEnvironment({
    fn,
    bundleFile: path.join(directory, 'index.mjs'),
    variables,
    onOutput: () => undefined,
    onError: () => undefined,
    onEnd: () => undefined,
  });
  const received = once(daemon, 'message');
  await environment.invoke(JSON.stringify(probeEvent(probe, 'request-1')), 'invocation-1');
  const [message] = (await received) as [Buffer];
  await environment.terminate();
  // A header line, then the document ("Sending segment documents to the X-Ray daemon").
  return JSON.parse(message.toString().split('\n')[1] ?? '') as Readonly<Record<string, unknown>>;
}

describe('a traced request', () => {
  it('has a subsegment with the name of its route, which the request id finds', async () => {
    const segment = await segmentOf(publish('courses', await bundles.working('courses'), { variables: traced() }));
    expect(segment).toMatchObject({
      type: 'subsegment',
      name: 'GET /courses/:courseId/lessons/:lessonId',
      trace_id: TRACE.root,
      parent_id: TRACE.parent,
      annotations: { requestId: 'request-1' },
    });
    expect(segment).not.toHaveProperty('fault');
  });

  it('shows a failure as a fault with its code, without the message', async () => {
    const variables = { ...traced(), MONGODB_URI: 'postgres://user:hunter2@nowhere' };
    const segment = await segmentOf(publish('courses', await bundles.working('courses'), { variables }));
    expect(segment).toMatchObject({ fault: true, annotations: { requestId: 'request-1', code: 'internal-error' } });
    expect(JSON.stringify(segment)).not.toMatch(/hunter2|postgres|release-check-no-such/);
  });
});
