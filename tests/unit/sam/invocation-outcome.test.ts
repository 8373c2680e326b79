import { parseInvocationOutcome } from '../../../local/sam/container/invocation-outcome.ts';

const printed = (stdout: string) => ({ exitCode: 0, stdout, stderr: '' });

describe('the outcome of `sam local invoke`', () => {
  it('is the answer on the last line', () => {
    const json = '{"statusCode": 200, "body": "{}"}';
    expect(parseInvocationOutcome(printed(`something else\n${json}\n`))).toEqual({ kind: 'answered', json });
  });

  it('is a failure if the function threw, although sam exits with 0', () => {
    expect(
      parseInvocationOutcome(printed('{"errorType":"UncacheableFailure","errorMessage":"unavailable","trace":[]}')),
    ).toEqual({
      kind: 'failed',
      error: { name: 'UncacheableFailure', message: 'unavailable' },
    });
  });

  it('is a failure if nothing was printed, as after a time-out', () => {
    const finished = { exitCode: 0, stdout: '', stderr: "Function 'F' timed out after 10 seconds\n" };
    expect(parseInvocationOutcome(finished)).toMatchObject({
      kind: 'failed',
      error: { message: "Function 'F' timed out after 10 seconds" },
    });
  });

  it('is a failure with the last line of stderr if sam failed', () => {
    const finished = { exitCode: 1, stdout: '', stderr: 'Building\nError: no such image\n' };
    expect(parseInvocationOutcome(finished)).toEqual({
      kind: 'failed',
      error: { name: 'sam', message: 'Error: no such image' },
    });
  });

  it('is a failure if the last line is not JSON', () => {
    expect(parseInvocationOutcome(printed('Segmentation fault'))).toMatchObject({ kind: 'failed' });
  });
});
