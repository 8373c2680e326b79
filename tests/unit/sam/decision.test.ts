import { decisionOf } from '../../../local/sam/decision.ts';
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

describe('what an authorizer decided', () => {
  it('is its policy, be it to deny', () => {
    expect(decisionOf(answered(POLICY))).toBe(JSON.stringify(POLICY, null, 2));
    expect(show(answered(POLICY))).toMatchObject({ exitCode: 0, reported: [] });
  });

  it('is `Unauthorized` for a caller it does not know, which is no failure', () => {
    const { exitCode, printed, reported } = show(failed('Unauthorized'));
    expect({ exitCode, printed }).toEqual({ exitCode: 0, printed: ['Unauthorized'] });
    expect(reported).toEqual([expect.stringContaining('401')]);
  });

  it('is nothing when it failed in any other way', () => {
    const { exitCode, printed, reported } = show(failed('unavailable'));
    expect({ exitCode, printed }).toEqual({ exitCode: 1, printed: [] });
    expect(reported).toEqual(['The function failed: Error: unavailable']);
  });

  it('is nothing when API Gateway could not read it', () => {
    const { exitCode, printed, reported } = show(answered({ principalId: 'learner' }));
    expect({ exitCode, printed }).toEqual({ exitCode: 1, printed: [] });
    expect(reported[0]).toContain('AUTHORIZER_CONFIGURATION_ERROR');
  });
});
