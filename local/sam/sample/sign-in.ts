import { isMapping } from '../../../tools/template/fields.ts';
import { askDirectly } from '../direct/ask-directly.ts';
import type { ReadyFunction } from '../direct/invoke-directly.ts';
import type { Values } from '../direct/placeholders.ts';

/**
 * Signs in as events/auth/login.json does, and answers what stands for the placeholders of the other events: `access
 * token`, `refresh token` and `password`. Null where there is no such account, or it has another password.
 * @param password of the sample accounts
 * @throws Error when the function fails.
 */
export async function signIn(root: string, auth: ReadyFunction, password: string): Promise<Values | null> {
  const { status, body } = await askDirectly(root, auth, 'login', { password });
  if (status === 401) return null;
  if (status !== 200) throw new Error(`auth failed to sign in: ${status} ${body.toString()}`);
  return { password, ...tokensIn(body.toString()) };
}

/** The tokens that an answer of `auth` holds, by their placeholders; none in any other answer. */
export function tokensIn(body: string): Values {
  const answer: unknown = body.startsWith('{') ? JSON.parse(body) : null;
  const tokens = isMapping(answer) ? answer['tokens'] : null;
  if (!isMapping(tokens)) return {};
  return { 'access token': String(tokens['accessToken']), 'refresh token': String(tokens['refreshToken']) };
}
