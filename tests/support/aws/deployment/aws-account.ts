import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { closeServer, listenOn } from '../../../../local/http/listen.ts';
import { type AwsCall, AwsError } from './aws-error.ts';
import { cloudFormationStandIn, result, type StoredStack } from './cloud-formation.ts';
import { type CloudWatchStandIn, cloudWatchStandIn } from './cloud-watch.ts';
import { type CodeDeployStandIn, codeDeployStandIn } from './code-deploy.ts';
import { type LambdaStandIn, lambdaCall, lambdaStandIn } from './lambda.ts';

const ACCOUNT = '123456789012';

/**
 * What happens to a call: AWS answers it, refuses it, or the connection breaks before or after AWS has carried it out.
 */
export type Ruling = 'pass' | 'break-before' | 'break-after' | { readonly code: string; readonly status: number };

/** The services that deploying needs, as one account: CodeDeploy moves Lambda's aliases, Lambda reads the bucket. */
export interface AwsAccount {
  readonly endpoint: string;
  /** Variables that send the AWS clients of a process here. */
  readonly env: Readonly<Record<string, string>>;
  readonly lambda: LambdaStandIn;
  readonly codeDeploy: CodeDeployStandIn;
  readonly cloudWatch: CloudWatchStandIn;
  readonly stacks: Map<string, StoredStack>;
  /** Objects by bucket and key. */
  readonly objects: Map<string, Uint8Array>;
  /** The calls since the last `forget`, such as `Lambda.GetAlias`. */
  readonly calls: string[];
  /** Versions that fail every request. The alarms that watch one of them go on while it gets traffic. */
  readonly failing: Set<string>;
  forget(): void;
  now(): Date;
  /** Moves the clock. */
  advance(milliseconds: number): void;
  /** Moves the clock with each call, for commands in a process of their own. */
  advanceWithCalls(milliseconds: number): void;
  /** Until the next call of this. */
  rule(ruling: (call: AwsCall, number: number) => Ruling): void;
  /** Everything in the account, as text. */
  snapshot(): Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const STEP_MS = 5000;
const ALIAS = 'live';

export async function startAwsAccount(): Promise<AwsAccount> {
  let clock = Date.parse('2026-12-01T10:00:00Z');
  let perCall = 0;
  let ruling: (call: AwsCall, number: number) => Ruling = () => 'pass';
  const calls: string[] = [];
  const failing = new Set<string>();
  const objects = new Map<string, Uint8Array>();
  const stacks = new Map<string, StoredStack>();
  const lambda = lambdaStandIn((bucket, key) => objects.get(`${bucket}/${key}`));
  const cloudWatch = cloudWatchStandIn();
  const codeDeploy = codeDeployStandIn(() => clock, lambda, cloudWatch);
  const cloudFormation = cloudFormationStandIn(stacks);

  function advance(milliseconds: number): void {
    for (let rest = milliseconds; rest > 0; rest -= STEP_MS) {
      clock += Math.min(rest, STEP_MS);
      codeDeploy.tick();
      evaluateAlarms();
    }
  }

  /** An alarm with `ExecutedVersion` sees only the versions that it watches, while they get traffic. */
  function evaluateAlarms(): void {
    const busy = [...lambda.functions.values()].flatMap(({ aliases }) => {
      const live = aliases.get(ALIAS);
      return live === undefined ? [] : [live.version, ...Object.keys(live.weights)];
    });
    for (const name of cloudWatch.alarms.keys()) {
      const watched = cloudWatch.watchedVersions(name);
      const sees = watched.some((version) => failing.has(version) && busy.includes(version));
      if (sees) cloudWatch.states.set(name, 'ALARM');
    }
  }

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = await buffer(incoming);
    const url = new URL(incoming.url ?? '/', 'http://aws');
    const call = callOf(incoming, url, received);
    calls.push(`${call.service}.${call.operation}`);
    const ruled = ruling(call, calls.length);
    advance(perCall);
    if (ruled === 'break-before') {
      incoming.socket.destroy();
      return;
    }
    try {
      if (typeof ruled === 'object') throw new AwsError(ruled.code, 'Not today', ruled.status);
      const body = carryOut(call, received);
      if (ruled === 'break-after') incoming.socket.destroy();
      else send(response, call, body);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      sendError(response, call, error);
    }
  }

  function carryOut(call: AwsCall, received: Buffer): unknown {
    switch (call.service) {
      case 'Lambda':
        return lambda.call(call);
      case 'CodeDeploy':
        return codeDeploy.call(call);
      case 'CloudWatch':
        return cloudWatch.call(call);
      case 'CloudFormation':
        return cloudFormation(call);
      case 'STS':
        return result('GetCallerIdentity', `<Account>${ACCOUNT}</Account>`);
      case 'S3': {
        const key = String(call.input['Key']);
        if (call.operation === 'PutObject') objects.set(key, received);
        else if (!objects.has(key)) throw new AwsError('NotFound', 'There is no such object', 404);
        return objects.get(key);
      }
    }
  }

  const server = createServer((incoming, response) => {
    answer(incoming, response).catch((error: unknown) => {
      response.writeHead(500, { 'x-amzn-errortype': 'StandInError' });
      response.end(JSON.stringify({ message: String(error) }));
    });
  });
  const port = await listenOn(server, [0]);
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    endpoint,
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    ...{ lambda, codeDeploy, cloudWatch, stacks, objects, calls, failing, advance },
    forget: () => void calls.splice(0),
    now: () => new Date(clock),
    advanceWithCalls(milliseconds) {
      perCall = milliseconds;
    },
    rule(next) {
      ruling = next;
    },
    snapshot: () => ({
      ...entriesOf('object', objects, ([, bytes]) => String(bytes.length)),
      ...entriesOf('alarm', cloudWatch.alarms, ([, alarm]) => JSON.stringify(alarm)),
      ...entriesOf('stack', stacks, ([, stack]) =>
        JSON.stringify({ ...stack, ...{ parameters: [...stack.parameters], resources: [...stack.resources] } }),
      ),
      ...entriesOf('deployment', codeDeploy.deployments, ([, deployment]) => JSON.stringify(deployment)),
      ...Object.assign(
        {},
        ...[...lambda.functions.values()].map(({ name, versions, aliases, ...rest }) => ({
          [`function ${name}`]: JSON.stringify({ ...rest, updating: 0 }),
          ...entriesOf(`${name} version`, versions, ([, one]) => JSON.stringify({ ...one, pending: 0 })),
          ...entriesOf(`${name} alias`, aliases, ([, one]) => JSON.stringify(one)),
        })),
      ),
    }),
    close: () => closeServer(server),
  };
}

function entriesOf<Value>(
  kind: string,
  map: ReadonlyMap<string, Value>,
  describe: (entry: readonly [string, Value]) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries([...map].map((entry) => [`${kind} ${entry[0]}`, describe(entry)]));
}

/** Names the call by the protocol of its service: JSON with a target, REST, Query, or S3. */
function callOf({ method = 'GET', headers }: IncomingMessage, url: URL, received: Buffer): AwsCall {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') {
    const [service = '', operation = ''] = target.split('.');
    const input = JSON.parse(received.toString()) as Readonly<Record<string, unknown>>;
    return { service: service.startsWith('CodeDeploy') ? 'CodeDeploy' : 'CloudWatch', operation, input };
  }
  const ofLambda = lambdaCall(
    method,
    url,
    received.length > 0 && url.pathname.startsWith('/2015') ? JSON.parse(received.toString()) : {},
  );
  if (ofLambda !== null) return ofLambda;
  if (method === 'POST') {
    const { Action: operation = '', ...input } = Object.fromEntries(new URLSearchParams(received.toString()));
    return { service: operation === 'GetCallerIdentity' ? 'STS' : 'CloudFormation', operation, input };
  }
  const operation = method === 'HEAD' ? 'HeadObject' : method === 'PUT' ? 'PutObject' : method;
  return { service: 'S3', operation, input: { Key: decodeURIComponent(url.pathname.slice(1)) } };
}

function send(response: ServerResponse, { service, operation }: AwsCall, body: unknown): void {
  if (service === 'S3') {
    const checksum = body instanceof Uint8Array ? { 'x-amz-checksum-sha256': sha256(body) } : {};
    response.writeHead(200, operation === 'HeadObject' ? checksum : {});
    response.end();
    return;
  }
  const isXml = typeof body === 'string';
  response.writeHead(200, { 'Content-Type': isXml ? 'text/xml' : 'application/json' });
  response.end(isXml ? body : JSON.stringify(body));
}

function sendError(response: ServerResponse, { service }: AwsCall, { code, status, message }: AwsError): void {
  if (service === 'CloudFormation' || service === 'STS' || service === 'S3') {
    response.writeHead(status, { 'Content-Type': 'text/xml' });
    const fault = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
    response.end(service === 'S3' ? fault : `<ErrorResponse>${fault}</ErrorResponse>`);
    return;
  }
  response.writeHead(status, { 'Content-Type': 'application/json', 'x-amzn-errortype': code });
  response.end(JSON.stringify({ __type: code, message }));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}
