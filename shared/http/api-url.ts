import type { APIGatewayProxyEvent } from 'aws-lambda';
import { apiUrlSetting } from '../config.ts';
import { header } from './request.ts';

/**
 * Returns the base URL of the API as clients reach it, without a trailing slash. Taken from `API_URL`, or else from API
 * Gateway: the domain of the request, and the part of the path before the route, which is the stage or the base path of
 * a custom domain.
 */
export function apiUrl(event: APIGatewayProxyEvent): string {
  const setting = apiUrlSetting();
  if (setting !== undefined) return setting;
  const { domainName = 'localhost', path } = event.requestContext;
  // API Gateway treats a path with a trailing slash like the one without.
  const before = path
    .replace(/\/$/, '')
    .split('/')
    .slice(0, -(event.resource.split('/').length - 1));
  // API Gateway always sets this header to https. A local gateway has no certificate.
  const scheme = header(event, 'x-forwarded-proto') === 'http' ? 'http' : 'https';
  return `${scheme}://${domainName}${before.join('/')}`;
}
