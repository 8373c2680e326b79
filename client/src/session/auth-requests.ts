import { type Answer, exchange, type Fetch, type Problem, problemOf, RequestFailed } from '../platform/http.ts';
import { type Tokens, tokensOf } from './tokens.ts';

/** The server refuses to sign in or to register: `problem.code` tells why (docs/problems.md). */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
  }
}

/** Returns the server's refusal, or null if there may be another answer later, or the answer is not the server's. */
export function refusalOf(answer: Answer): SignInRefused | null {
  const { status } = answer;
  const problem = problemOf(answer);
  const mayPass = status >= 500 || status === 408 || status === 429;
  return problem === null || mayPass ? null : new SignInRefused(problem);
}

export function requestFailure({ status, retryAfterMs }: Answer): RequestFailed {
  return new RequestFailed(`The server answered ${status}, or something in its place did`, retryAfterMs);
}

/** The requests of a session. All throw RequestFailed if no answer comes. */
export interface AuthRequests {
  post(path: string, body: unknown): Promise<Answer>;
  renew(tokens: Pick<Tokens, 'refreshToken'> & { readonly attemptId: string }): Promise<Answer>;
  /** Ends a session at the server, if the server can be reached. */
  end(tokens: Pick<Tokens, 'accessToken' | 'refreshToken'> & { readonly attemptId: string }): Promise<void>;
}

export function authRequests(baseUrl: string, send: Fetch): AuthRequests {
  const post = (path: string, body: unknown) =>
    exchange(send, `${baseUrl}/auth/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  const renew: AuthRequests['renew'] = ({ refreshToken, attemptId }) => post('refresh', { refreshToken, attemptId });
  const logout = (accessToken: string) =>
    exchange(send, `${baseUrl}/auth/logout`, { method: 'POST', headers: { Authorization: `Bearer ${accessToken}` } });

  return {
    post,
    renew,
    async end(tokens) {
      const answer = await logout(tokens.accessToken);
      if (problemOf(answer)?.code !== 'token-expired') return;
      const renewed = tokensOf(await renew(tokens));
      if (renewed !== null) await logout(renewed.accessToken);
    },
  };
}
