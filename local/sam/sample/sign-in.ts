import { isMapping } from '../../../tools/template/fields.ts';
import { askDirectly } from '../direct/ask-directly.ts';
import type { ReadyFunction } from '../direct/invoke-directly.ts';
import type { Values } from '../direct/placeholders.ts';

/**
 * Signs in as events/auth/login.json does, and returns the values of the placeholders `access token`, `refresh token`
 * and `password`. Null if there is no such account, or its password differs.
 * @param password of the sample accounts
 * @throws Error if the function fails.
 */
export async function signIn(root: string, auth: ReadyFunction, password: string): Promise<Values | null> {
  const { status, body } = await askDirectly(root, auth, 'login', { password });
  if (status === 401) return null;
  if (status !== 200) throw new Error(`auth failed to sign in: ${status} ${body.toString()}`);
  return { password, ...tokensIn(body.toString()) };
}

/** Returns the tokens in an answer of `auth`, by placeholder. Empty for any other answer. */
export function tokensIn(body: string): Values {
  const answer: unknown = body.startsWith('{') ? JSON.parse(body) : null;
  const tokens = isMapping(answer) ? answer['tokens'] : null;
  if (!isMapping(tokens)) return {};
  return { 'access token': String(tokens['accessToken']), 'refresh token': String(tokens['refreshToken']) };
}
