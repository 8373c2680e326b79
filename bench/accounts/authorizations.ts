import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { handler } from '../../functions/authorizer/handler.ts';
import { type DatabaseWork, observed } from '../measuring/observed.ts';
import { type Summary, summarize } from '../measuring/statistics.ts';
import { requestHeaders, signIn } from './auth-client.ts';
import { GUARDED_COURSES, LESSON } from './courses.ts';
import type { AccountsEffort } from './effort.ts';
import { freshNetwork, PASSWORD, READER } from './people.ts';

/** What the authorizer takes to decide one kind of request. */
export interface AuthorizerFigures {
  readonly what: string;
  readonly decision: Decision;
  readonly databaseWork: DatabaseWork;
  readonly milliseconds: Summary;
}

type Decision = 'Allow' | 'Deny' | 'Unauthorized';

const WARM_UPS = 50;

/** Has the real authorizer decide about lessons, with its connections open and its code compiled. */
export async function measureAuthorizer(
  { authorizations }: AccountsEffort,
  report: (line: string) => void,
): Promise<readonly AuthorizerFigures[]> {
  report('authorizer');
  const { accessToken } = (await signIn(READER, PASSWORD, freshNetwork())).tokens;
  const { members, granted, withheld } = GUARDED_COURSES;
  const cases: readonly (readonly [what: string, event: APIGatewayRequestAuthorizerEvent])[] = [
    ['a course for members', readEvent(members, accessToken)],
    ['a restricted course, with a grant', readEvent(granted, accessToken)],
    ['a restricted course, without one', readEvent(withheld, accessToken)],
    ['a token with another signature', readEvent(members, forged(accessToken))],
  ];

  const figures: AuthorizerFigures[] = [];
  for (const [what, event] of cases) {
    for (let time = 0; time < WARM_UPS; time += 1) await decide(event);
    const { result: decision, databaseWork } = await observed(() => decide(event));
    const times: number[] = [];
    for (let time = 0; time < authorizations; time += 1) {
      const start = performance.now();
      await decide(event);
      times.push(performance.now() - start);
    }
    figures.push({ what, decision, databaseWork, milliseconds: summarize(times) });
  }
  return figures;
}

async function decide(event: APIGatewayRequestAuthorizerEvent): Promise<Decision> {
  try {
    const { policyDocument } = await handler(event);
    return policyDocument.Statement[0]?.Effect === 'Allow' ? 'Allow' : 'Deny';
  } catch (error) {
    if (error instanceof Error && error.message === 'Unauthorized') return 'Unauthorized';
    throw error;
  }
}

/** The same token with a signature that is well-formed and wrong. */
function forged(token: string): string {
  return `${token.slice(0, -86)}${'A'.repeat(86)}`;
}

function readEvent(courseId: string, accessToken: string): APIGatewayRequestAuthorizerEvent {
  const path = `/courses/${courseId}/lessons/${LESSON}`;
  return {
    type: 'REQUEST',
    methodArn: `arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/v1/GET${path}`,
    resource: '/courses/{courseId}/lessons/{lessonId}',
    path,
    httpMethod: 'GET',
    ...requestHeaders(accessToken),
    queryStringParameters: {},
    multiValueQueryStringParameters: {},
    pathParameters: { courseId, lessonId: LESSON },
    stageVariables: {},
    requestContext: { requestId: 'bench' } as APIGatewayRequestAuthorizerEvent['requestContext'],
  };
}
