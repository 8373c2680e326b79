import type { ViewerRequest } from '../../../local/cdn/signature/signed-request.ts';

/** A client's request for a URL of the CDN, from 192.0.2.10 and without cookies by default. */
export function viewerOf(url: string, more: Partial<ViewerRequest> = {}): ViewerRequest {
  const [, host = '', target = ''] = /^http:\/\/([^/]+)(\/.*)$/s.exec(url) ?? [];
  return { host, target, cookie: undefined, sourceAddress: '192.0.2.10', ...more };
}

/** A Cookie header. */
export function cookieHeader(cookies: object): string {
  return Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');
}

/** A custom policy with these conditions besides its end. */
export function policyText({
  resource,
  expires,
  condition = {},
}: {
  readonly resource: string;
  readonly expires: number;
  readonly condition?: object;
}): string {
  return JSON.stringify({
    Statement: [{ Resource: resource, Condition: { DateLessThan: { 'AWS:EpochTime': expires }, ...condition } }],
  });
}
