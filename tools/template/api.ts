import { type Fields, fieldsOf, isMapping, TemplateError } from './fields.ts';
import { type GatewayResponseType, isGatewayResponseType } from './gateway-response-types.ts';
import type { ApiModel, CorsModel, GatewayResponseModel, MethodSetting } from './model.ts';

export type ApiProperties = Omit<ApiModel, 'authorizers' | 'functions' | 'routes'> & {
  readonly defaultAuthorizer: string | null;
  /** As in the template, with references resolved. Whether the function exists is checked later. */
  readonly authorizers: readonly { readonly name: string; readonly properties: Readonly<Record<string, unknown>> }[];
};

/** An AWS::Serverless::Api. */
export function readApi(properties: Fields): ApiProperties {
  const auth = properties.fields('Auth');
  return {
    stageName: properties.string('StageName'),
    cors: readCors(properties),
    // A slash in a binary media type is written `~1` ("Enabling binary support using the API Gateway REST API").
    binaryMediaTypes: properties.strings('BinaryMediaTypes').map(decodeSlashes),
    minimumCompressionBytes: properties.optionalNumber('MinimumCompressionSize'),
    gatewayResponses: readGatewayResponses(properties.fields('GatewayResponses')),
    methodSettings: properties
      .list('MethodSettings')
      .map((setting) => readMethodSetting(fieldsOf(setting, `${properties.where}: MethodSettings`))),
    authorizers: readAuthorizers(auth),
    defaultAuthorizer: auth.optionalString('DefaultAuthorizer'),
  };
}

function readCors(properties: Fields): CorsModel | null {
  if (!properties.has('Cors')) return null;
  const cors = isMapping(properties.value('Cors'))
    ? properties.fields('Cors')
    : fieldsOf({ AllowOrigin: properties.string('Cors') }, properties.where);
  const optional = (name: string) => (cors.has(name) ? unquoted(cors.string(name), cors.where) : null);
  return {
    allowOrigin: unquoted(cors.string('AllowOrigin'), cors.where),
    allowMethods: optional('AllowMethods'),
    allowHeaders: optional('AllowHeaders'),
    maxAge: optional('MaxAge'),
    allowCredentials: cors.optionalBoolean('AllowCredentials') ?? false,
  };
}

/** SAM passes these texts to API Gateway as mapping expressions, in which constants have single quotes. */
function unquoted(text: string, where: string): string {
  if (!/^'.*'$/s.test(text)) throw new TemplateError(where, `${text} must be in single quotes within the text`);
  return text.slice(1, -1);
}

function readGatewayResponses(responses: Fields): Partial<Record<GatewayResponseType, GatewayResponseModel>> {
  return Object.fromEntries(
    responses.names.map((name) => {
      if (!isGatewayResponseType(name)) throw new TemplateError(responses.where, `${name} is not a gateway response`);
      const response = responses.fields(name);
      return [
        name,
        {
          statusCode: response.optionalNumber('StatusCode'),
          headers: response.fields('ResponseParameters').fields('Headers').texts(),
          templates: response.fields('ResponseTemplates').texts(),
        },
      ];
    }),
  );
}

function readMethodSetting(setting: Fields): MethodSetting {
  return {
    method: setting.string('HttpMethod').toUpperCase(),
    // `/~1courses` is the path `/courses`, and `/*` is every path ("AWS::ApiGateway::Stage MethodSetting").
    path: decodeSlashes(setting.string('ResourcePath').replace(/^\//, '')),
    cachingEnabled: setting.optionalBoolean('CachingEnabled'),
    cacheTtlSeconds: setting.optionalNumber('CacheTtlInSeconds'),
    throttlingRateLimit: setting.optionalNumber('ThrottlingRateLimit'),
    throttlingBurstLimit: setting.optionalNumber('ThrottlingBurstLimit'),
  };
}

function decodeSlashes(text: string): string {
  return text.replaceAll('~1', '/');
}

function readAuthorizers(auth: Fields): ApiProperties['authorizers'] {
  const authorizers = auth.fields('Authorizers');
  return authorizers.names.map((name) => {
    const authorizer = authorizers.fields(name);
    return { name, properties: Object.fromEntries(authorizer.names.map((field) => [field, authorizer.value(field)])) };
  });
}
