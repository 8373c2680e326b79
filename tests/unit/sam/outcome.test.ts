import { outcomeOf } from '../../../local/sam/container/outcome.ts';

const printed = (stdout: string) => ({ exitCode: 0, stdout, stderr: '' });

describe('what became of `sam local invoke`', () => {
  it('is the answer it printed last', () => {
    const json = '{"statusCode": 200, "body": "{}"}';
    expect(outcomeOf(printed(`something else\n${json}\n`))).toEqual({ kind: 'answered', json });
  });

  it('is a failure when the function threw, although sam exits with 0', () => {
    expect(outcomeOf(printed('{"errorType":"UncacheableFailure","errorMessage":"unavailable","trace":[]}'))).toEqual({
      kind: 'failed',
      error: { name: 'UncacheableFailure', message: 'unavailable' },
    });
  });

  it('is a failure when the function printed nothing, as one that took too long', () => {
    const finished = { exitCode: 0, stdout: '', stderr: "Function 'F' timed out after 10 seconds\n" };
    expect(outcomeOf(finished)).toMatchObject({
      kind: 'failed',
      error: { message: "Function 'F' timed out after 10 seconds" },
    });
  });

  it('is a failure when sam itself failed, with its last words', () => {
    const finished = { exitCode: 1, stdout: '', stderr: 'Building\nError: no such image\n' };
    expect(outcomeOf(finished)).toEqual({ kind: 'failed', error: { name: 'sam', message: 'Error: no such image' } });
  });

  it('is a failure when what was printed is no JSON', () => {
    expect(outcomeOf(printed('Segmentation fault'))).toMatchObject({ kind: 'failed' });
  });
});
