import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FunctionModel } from '../gateway/model.ts';
import { answerOf } from '../gateway/proxy-result.ts';
import { isMapping } from '../gateway/template/fields.ts';
import { invokeDirectly } from './invoke-directly.ts';
import { fillPlaceholders, type Values } from './placeholders.ts';

export interface SignInOptions {
  readonly root: string;
  /** The function `auth`, its bundle and what it is given. */
  readonly auth: FunctionModel;
  readonly bundleDirectory: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Of the sample accounts. */
  readonly password: string;
}

/**
 * Signs in as events/auth/login.json does, and answers what stands for the placeholders of the other events: `access
 * token`, `refresh token` and `password`. Null where there is no such account, or it has another password.
 * @throws Error when the function fails.
 */
export async function signIn(options: SignInOptions): Promise<Values | null> {
  const { root, auth, bundleDirectory, variables, password } = options;
  const login = await readFile(path.join(root, 'events/auth/login.json'), 'utf8');
  const event = fillPlaceholders(login, { password });
  const outcome = await invokeDirectly({ fn: auth, bundleDirectory, event, variables, log: () => undefined });
  if (outcome.kind === 'failed') throw new Error(`auth failed to sign in: ${outcome.error.message}`);

  const { status, body } = answerOf(outcome.json, undefined, []);
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
