import type { Answer } from '../../local/gateway/response/answer.ts';
import { fillPlaceholders, type Values } from '../../local/sam/direct/placeholders.ts';
import { feedTokenIn } from '../../local/sam/sample/open-feed.ts';
import { tokensIn } from '../../local/sam/sample/sign-in.ts';
import { type Comparison, compareRequests } from './compare.ts';
import type { Occasion } from './differences.ts';
import type { ClientRequest } from './exchange.ts';

/** A request of a journey. Angle brackets stand for values of earlier answers. */
interface Step {
  /** `METHOD target` */
  readonly request: string;
  readonly occasion?: Occasion;
  readonly authorization?: string;
  readonly ifNoneMatch?: string;
  /** Sent as JSON. A text is sent as it is. */
  readonly body?: object | string;
  readonly contentType?: string;
}

export type Journey = readonly Step[];

/** Runs a journey on the local gateway and on start-api, each with its own tokens. */
export async function compareJourney(comparison: Comparison, journey: Journey, values: Values): Promise<void> {
  let known = { gateway: values, startApi: values };
  for (const step of journey) {
    const requests = { gateway: requestOf(step, known.gateway), startApi: requestOf(step, known.startApi) };
    const answers = await compareRequests(comparison, requests, step.occasion ?? 'route', step.request);
    known = {
      gateway: { ...known.gateway, ...learnedFrom(answers.gateway, known.gateway) },
      startApi: { ...known.startApi, ...learnedFrom(answers.startApi, known.startApi) },
    };
  }
}

function requestOf(
  { request, authorization, ifNoneMatch, body, contentType = 'application/json' }: Step,
  known: Values,
): ClientRequest {
  // Split here, because placeholders contain spaces.
  const [method = '', target = ''] = fillPlaceholders(request, known).split(' ');
  const headers = {
    ...(authorization !== undefined && { Authorization: fillPlaceholders(authorization, known) }),
    ...(ifNoneMatch !== undefined && { 'If-None-Match': fillPlaceholders(ifNoneMatch, known) }),
    ...(body !== undefined && { 'Content-Type': contentType }),
  };
  const sent = typeof body === 'object' ? fillPlaceholders(JSON.stringify(body), known) : body;
  return { method, target, headers, body: sent ?? null };
}

/** New tokens and the ones that they replace, another session than the caller's, and the last entity tag. */
function learnedFrom({ headers, body }: Answer, known: Values): Values {
  const text = body.toString();
  const tokens = tokensIn(text);
  const feed = feedTokenIn(text);
  const other = /"id":"([\w-]{22})"(?:(?!"id":).)*"current":false/.exec(text)?.[1];
  const etag = headers.find(([name]) => name.toLowerCase() === 'etag')?.[1];
  return {
    ...tokens,
    ...('refresh token' in tokens && { 'used refresh token': known['refresh token'] ?? '' }),
    ...feed,
    ...('feed token' in feed && { 'earlier feed token': known['feed token'] ?? '' }),
    ...(other !== undefined && { 'other session': other }),
    ...(etag !== undefined && { 'entity tag': etag }),
  };
}
