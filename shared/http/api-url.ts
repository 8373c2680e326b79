import type { APIGatewayProxyEvent } from 'aws-lambda';
import { apiUrlSetting } from '../config.ts';
import { header } from './request.ts';

/**
 * What the path of a route is appended to, as clients reach it, without a slash at the end. `API_URL` says it, or else API
 * Gateway: the domain it was called by, which is one of its own, and all that stands before the route in the path, be it
 * the stage or the base path of a custom domain.
 */
export function apiUrl(event: APIGatewayProxyEvent): string {
  const setting = apiUrlSetting();
  if (setting !== undefined) return setting;
  const { domainName = 'localhost', path } = event.requestContext;
  // API Gateway takes a path with a slash at its end for the one without.
  const before = path
    .replace(/\/$/, '')
    .split('/')
    .slice(0, -(event.resource.split('/').length - 1));
  // API Gateway sets this header itself and always says https; a gateway on one machine has no certificate.
  const scheme = header(event, 'x-forwarded-proto') === 'http' ? 'http' : 'https';
  return `${scheme}://${domainName}${before.join('/')}`;
}
