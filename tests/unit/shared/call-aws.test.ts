import { callAws } from '../../../shared/aws/call-aws.ts';
import { type AwsRequest, useAwsStandIn } from '../../support/aws/stand-in.ts';

const OPERATION = {
  service: 'ssm',
  host: 'ssm',
  endpointName: 'SSM',
  path: '/',
  headers: { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': 'AmazonSSM.GetParameters' },
} as const;

type Answer = ReturnType<Parameters<typeof useAwsStandIn>[1]>;

let requests: AwsRequest[];
/** What AWS answers in turn. The last one stays. */
let answers: Answer[];

useAwsStandIn('AWS_ENDPOINT_URL_SSM', (request) => {
  requests.push(request);
  return (answers.length > 1 ? answers.shift() : answers[0]) ?? null;
});
beforeEach(() => {
  requests = [];
  // Retries at once: the jitter is the least.
  jest.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => {
  delete process.env['AWS_SESSION_TOKEN'];
});

const call = (signal = AbortSignal.timeout(10_000)) => callAws(OPERATION, { Names: ['/a'] }, { attempts: 3, signal });
const success = { body: { Parameters: [] } };
const refusal = (status: number, code: string) => ({ status, body: { __type: code, message: 'Value /a is secret' } });

describe('a call of AWS', () => {
  it('is one signed request, with the session token of the role', async () => {
    process.env['AWS_SESSION_TOKEN'] = 'a session token';
    answers = [success];
    expect(await call()).toEqual(success.body);
    expect(requests).toEqual([
      {
        line: 'POST /',
        headers: expect.objectContaining({
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'AmazonSSM.GetParameters',
          'x-amz-security-token': 'a session token',
          authorization: expect.stringMatching(
            /^AWS4-HMAC-SHA256 Credential=test\/\d{8}\/eu-west-1\/ssm\/aws4_request,/,
          ),
        }),
        body: { Names: ['/a'] },
      },
    ]);
    expect(requests[0]?.headers.authorization).toMatch(/SignedHeaders=[^,]*host[^,]*x-amz-security-token/);
  });

  it.each([
    refusal(400, 'ThrottlingException'),
    refusal(400, 'com.amazonaws.ssm#RequestLimitExceeded'),
    refusal(429, 'Unknown'),
    refusal(500, 'InternalServerError'),
    refusal(503, 'ServiceUnavailable'),
  ])('is tried again after %j', async (failure) => {
    answers = [failure, failure, success];
    expect(await call()).toEqual(success.body);
    expect(requests).toHaveLength(3);
  });

  it('is given up after the last attempt', async () => {
    answers = [refusal(400, 'ThrottlingException')];
    await expect(call()).rejects.toMatchObject({ name: 'ThrottlingException', status: 400 });
    expect(requests).toHaveLength(3);
  });

  it.each([
    { answer: refusal(400, 'AccessDeniedException'), name: 'AccessDeniedException' },
    { answer: refusal(400, 'com.amazonaws.ssm#InvalidKeyId'), name: 'InvalidKeyId' },
    {
      answer: { status: 400, headers: { 'x-amzn-ErrorType': 'MessageRejected:http://internal.amazon.com/' }, body: {} },
      name: 'MessageRejected',
    },
  ])('that AWS refuses fails at once with the code $name, and without the message', async ({ answer, name }) => {
    answers = [answer];
    await expect(call()).rejects.toMatchObject({ name, message: 'AWS answered 400' });
    expect(requests).toHaveLength(1);
  });

  it('ends with its signal', async () => {
    answers = [null];
    const controller = new AbortController();
    const calling = call(controller.signal);
    controller.abort();
    await expect(calling).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('needs the region and the credentials that Lambda sets', async () => {
    const { AWS_SECRET_ACCESS_KEY } = process.env;
    delete process.env['AWS_SECRET_ACCESS_KEY'];
    try {
      await expect(call()).rejects.toThrow('AWS_SECRET_ACCESS_KEY is not set');
    } finally {
      process.env['AWS_SECRET_ACCESS_KEY'] = AWS_SECRET_ACCESS_KEY;
    }
    expect(requests).toHaveLength(0);
  });
});
