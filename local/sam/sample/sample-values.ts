import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isMapping } from '../../../tools/template/fields.ts';
import type { FunctionHostOptions } from '../../gateway/lambda/function-host.ts';
import { invokeOnce } from '../../gateway/lambda/invoke-once.ts';
import type { Answer } from '../../gateway/response/answer.ts';
import { parseProxyResult } from '../../gateway/response/proxy-result.ts';
import { fillPlaceholders, type PlaceholderValues } from './placeholders.ts';

/** A built function with its variables. */
export type ReadyFunction = Omit<FunctionHostOptions, 'log'>;

export interface SampleLearner {
  readonly root: string;
  /** The password of the sample accounts. */
  readonly password: string;
  readonly ready: (functionName: string) => ReadyFunction | Promise<ReadyFunction>;
}

/**
 * Returns values for these placeholders: signs in to the sample account of events/auth/login.json, and opens a podcast
 * feed if its token is needed. Null if the sign-in fails.
 * @throws Error if a function fails.
 */
export async function sampleValues(
  placeholders: readonly string[],
  learner: SampleLearner,
): Promise<PlaceholderValues | null> {
  if (placeholders.length === 0) return {};
  const signedIn = await signIn(learner);
  if (signedIn === null || !placeholders.includes('feed token')) return signedIn;
  return { ...signedIn, ...(await openFeed(learner, signedIn)) };
}

/** Null if there is no such account, or its password differs. */
async function signIn(learner: SampleLearner): Promise<PlaceholderValues | null> {
  const { password } = learner;
  const { status, body } = await invokeWithEvent(learner, 'auth', 'login', { password });
  if (status === 401) return null;
  if (status !== 200) throw new Error(`auth failed to sign in: ${status} ${body.toString()}`);
  return { password, ...tokensIn(body.toString()) };
}

async function openFeed(learner: SampleLearner, signedIn: PlaceholderValues): Promise<PlaceholderValues> {
  const { status, body } = await invokeWithEvent(learner, 'podcast', 'open-feed', signedIn);
  if (status !== 200) throw new Error(`podcast failed to open a feed: ${status} ${body.toString()}`);
  return feedTokenIn(body.toString());
}

/** Runs a function with one of its sample events. */
async function invokeWithEvent(
  { root, ready }: SampleLearner,
  functionName: string,
  eventName: string,
  values: PlaceholderValues,
): Promise<Answer> {
  const text = await readFile(path.join(root, 'events', functionName, `${eventName}.json`), 'utf8');
  const options = { ...(await ready(functionName)), log: () => undefined };
  const outcome = await invokeOnce(fillPlaceholders(text, values), options);
  if (outcome.kind === 'failed') throw new Error(`${functionName} ${eventName} failed: ${outcome.error.message}`);
  return parseProxyResult(outcome.json, undefined, []);
}

/** Returns the tokens in an answer of `auth`, by placeholder. Empty for any other answer. */
export function tokensIn(body: string): PlaceholderValues {
  const answer: unknown = body.startsWith('{') ? JSON.parse(body) : null;
  const tokens = isMapping(answer) ? answer['tokens'] : null;
  if (!isMapping(tokens)) return {};
  return { 'access token': String(tokens['accessToken']), 'refresh token': String(tokens['refreshToken']) };
}

/** Returns the token in the feed address of an answer of `podcast`, by placeholder. Empty for any other answer. */
export function feedTokenIn(body: string): PlaceholderValues {
  const token = /"url":"[^"]*\/feeds\/([\w-]+)"/.exec(body)?.[1];
  return token === undefined ? {} : { 'feed token': token };
}
