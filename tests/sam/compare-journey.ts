import type { Answer } from '../../local/gateway/response/answer.ts';
import { fillPlaceholders, type PlaceholderValues } from '../../local/sam/sample/placeholders.ts';
import { feedTokenIn, tokensIn } from '../../local/sam/sample/sample-values.ts';
import { type Comparison, compareRequests } from './compare-requests.ts';
import type { Journey, Step } from './journeys/journey.ts';
import type { ClientRequest } from './sides/exchange.ts';

/** Runs a journey on the local gateway and on start-api, each with its own tokens. */
export async function compareJourney(
  comparison: Comparison,
  journey: Journey,
  values: PlaceholderValues,
): Promise<void> {
  let known = { gateway: values, startApi: values };
  for (const step of journey) {
    const requests = { gateway: requestOf(step, known.gateway), startApi: requestOf(step, known.startApi) };
    const answers = await compareRequests(comparison, requests, step.scenario ?? 'route', step.request);
    known = {
      gateway: { ...known.gateway, ...learnedFrom(answers.gateway, known.gateway) },
      startApi: { ...known.startApi, ...learnedFrom(answers.startApi, known.startApi) },
    };
  }
}

function requestOf(
  { request, authorization, ifNoneMatch, body, contentType = 'application/json' }: Step,
  known: PlaceholderValues,
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
function learnedFrom({ headers, body }: Answer, known: PlaceholderValues): PlaceholderValues {
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
