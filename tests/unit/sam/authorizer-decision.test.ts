import { authorizerDecision } from '../../../local/sam/authorizer-decision.ts';
import { showDecision } from '../../../local/sam/show-outcome.ts';

const POLICY = {
  principalId: 'learner',
  policyDocument: {
    Version: '2012-10-17',
    Statement: [
      { Action: 'execute-api:Invoke', Effect: 'Deny', Resource: 'arn:aws:execute-api:eu-west-1:1:a/v1/GET/x' },
    ],
  },
};
const answered = (value: unknown) => ({ kind: 'answered', json: JSON.stringify(value) }) as const;
const failed = (message: string) => ({ kind: 'failed', error: { name: 'Error', message } }) as const;

function show(outcome: ReturnType<typeof answered> | ReturnType<typeof failed>) {
  const printed: string[] = [];
  const reported: string[] = [];
  const exitCode = showDecision(outcome, {
    print: (text) => printed.push(text),
    report: (message) => reported.push(message),
  });
  return { exitCode, printed, reported };
}

describe('the decision of an authorizer', () => {
  it('is its policy, even if it denies', () => {
    expect(authorizerDecision(answered(POLICY))).toBe(JSON.stringify(POLICY, null, 2));
    expect(show(answered(POLICY))).toMatchObject({ exitCode: 0, reported: [] });
  });

  it('is `Unauthorized` for an unknown caller, which is not a failure', () => {
    const { exitCode, printed, reported } = show(failed('Unauthorized'));
    expect({ exitCode, printed }).toEqual({ exitCode: 0, printed: ['Unauthorized'] });
    expect(reported).toEqual([expect.stringContaining('401')]);
  });

  it('is a failure for any other error', () => {
    const { exitCode, printed, reported } = show(failed('unavailable'));
    expect({ exitCode, printed }).toEqual({ exitCode: 1, printed: [] });
    expect(reported).toEqual(['The function failed: Error: unavailable']);
  });

  it('is a failure if API Gateway could not parse it', () => {
    const { exitCode, printed, reported } = show(answered({ principalId: 'learner' }));
    expect({ exitCode, printed }).toEqual({ exitCode: 1, printed: [] });
    expect(reported[0]).toContain('AUTHORIZER_CONFIGURATION_ERROR');
  });
});
