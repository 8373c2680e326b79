import { isMapping } from '../../../tools/template/fields.ts';
import { GATEWAY_RESPONSE_DEFAULTS, type GatewayResponseType } from '../../../tools/template/gateway-response-types.ts';
import type { ApiModel, GatewayResponseModel } from '../../../tools/template/model.ts';
import type { Query } from '../request/query.ts';
import { type GatewayRequest, headerOf } from '../request/request.ts';
import type { RequestContext } from '../request/request-context.ts';
import type { Answer } from './answer.ts';

const DEFAULT_TEMPLATES = { 'application/json': '{"message":$context.error.messageString}' };

/** Characters that a header may contain: tab, printable ASCII and the rest of Latin-1. */
const HEADER_VALUE = /^[\t -~\u00a0-\u00ff]*$/;

/** The values that headers and templates of a gateway response can refer to. */
export interface ResponseSource {
  readonly request: GatewayRequest;
  readonly context: RequestContext;
  readonly query: Query;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/**
 * Builds an answer of the gateway: from the template for this type, else for DEFAULT_4XX or DEFAULT_5XX, else as in AWS
 * ("Gateway responses for REST APIs in API Gateway").
 */
export function gatewayResponse(
  responses: ApiModel['gatewayResponses'],
  type: GatewayResponseType,
  source: ResponseSource,
): Answer {
  const { status, message, errorType } = GATEWAY_RESPONSE_DEFAULTS[type];
  const declared: GatewayResponseModel | undefined =
    responses[type] ?? responses[status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX'];
  const context = {
    ...source.context,
    error: { message, messageString: JSON.stringify(message), responseType: type, validationErrorString: '' },
  };
  const templates = Object.keys(declared?.templates ?? {}).length > 0 ? declared?.templates : undefined;
  const [mediaType, template] = chooseTemplate(templates ?? DEFAULT_TEMPLATES, headerOf(source.request, 'accept'));

  const headers = new Map<string, readonly [name: string, value: string]>([
    ['content-type', ['Content-Type', mediaType]],
    ['x-amzn-errortype', ['x-amzn-ErrorType', errorType]],
  ]);
  for (const [name, expression] of Object.entries(declared?.headers ?? {})) {
    const value = evaluateExpression(expression, context, source);
    if (value !== undefined && HEADER_VALUE.test(value)) headers.set(name.toLowerCase(), [name, value]);
  }
  return {
    status: declared?.statusCode ?? status,
    headers: [...headers.values()],
    body: Buffer.from(renderTemplate(template, context)),
  };
}

function chooseTemplate(templates: Readonly<Record<string, string>>, accept: string | undefined): [string, string] {
  const mediaTypes = Object.keys(templates);
  const mediaType =
    mediaTypes.find((candidate) => accept?.includes(candidate)) ??
    mediaTypes.find((candidate) => candidate === 'application/json') ??
    mediaTypes[0] ??
    'application/json';
  return [mediaType, templates[mediaType] ?? ''];
}

/** A constant in single quotes, or a value of the request or its context. */
function evaluateExpression(expression: string, context: unknown, source: ResponseSource): string | undefined {
  const constant = /^'(.*)'$/s.exec(expression)?.[1];
  if (constant !== undefined) return constant;
  const [, place, name = ''] = /^(context|method\.request\.(?:header|querystring|path))\.(.+)$/.exec(expression) ?? [];
  switch (place) {
    case 'context':
      return valueAt(context, name);
    case 'method.request.header':
      return headerOf(source.request, name);
    case 'method.request.querystring':
      return source.query.get(name)?.at(-1);
    case 'method.request.path':
      return source.pathParameters[name];
    default:
      return undefined;
  }
}

/** Replaces only `$context` variables: these templates are not VTL. */
function renderTemplate(template: string, context: unknown): string {
  return template.replace(/\$context\.([a-zA-Z]+(?:\.[a-zA-Z]+)*)/g, (_, path: string) => valueAt(context, path) ?? '');
}

function valueAt(context: unknown, path: string): string | undefined {
  const found = path
    .split('.')
    .reduce<unknown>(
      (value, name) => (isMapping(value) && Object.hasOwn(value, name) ? value[name] : undefined),
      context,
    );
  return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined;
}
