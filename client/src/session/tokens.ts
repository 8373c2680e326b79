import { type Answer, isObject, problemOf } from '../platform/http.ts';

/** An account, as its owner sees it. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly language: string;
  readonly roles: readonly string[];
  readonly emailVerified: boolean;
  readonly createdAt: string;
}

export interface Tokens {
  readonly accessToken: string;
  /** Seconds until the access token expires. */
  readonly expiresIn: number;
  readonly refreshToken: string;
  /** Seconds until the session ends unless it is renewed. */
  readonly refreshExpiresIn: number;
}

export function isTokens(value: unknown): value is Tokens & Readonly<Record<string, unknown>> {
  return (
    isObject(value) &&
    typeof value['accessToken'] === 'string' &&
    typeof value['refreshToken'] === 'string' &&
    typeof value['expiresIn'] === 'number' &&
    typeof value['refreshExpiresIn'] === 'number'
  );
}

export function isUser(value: unknown): value is User {
  return isObject(value) && typeof value['id'] === 'string';
}

/** Returns the tokens of a sign-in or a renewal, or null if the answer is a refusal or not the server's. */
export function tokensOf({ status, body }: Answer): Tokens | null {
  return status < 300 && isObject(body) && isTokens(body['tokens']) ? body['tokens'] : null;
}

/** Returns the learner of a sign-in, or null as {@link tokensOf} does. */
export function userOf({ body }: Answer): User | null {
  return isObject(body) && isUser(body['user']) ? body['user'] : null;
}

/** The only answer to a renewal that says that the session is over. Everything else may pass. */
export function isOver(answer: Answer): boolean {
  return answer.status === 401 && problemOf(answer)?.code === 'invalid-token';
}
