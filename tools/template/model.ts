import type { GatewayResponseType } from './gateway-response-types.ts';

/** The API, routes and functions of template.yaml, with every parameter filled in. */
export interface ApiModel {
  /** The first segment of every path, such as `v1`. */
  readonly stageName: string;
  readonly cors: CorsModel | null;
  readonly binaryMediaTypes: readonly string[];
  /** Smallest answer that is compressed, in bytes. Null if none is. */
  readonly minimumCompressionBytes: number | null;
  readonly gatewayResponses: Readonly<Partial<Record<GatewayResponseType, GatewayResponseModel>>>;
  readonly methodSettings: readonly MethodSetting[];
  readonly authorizers: readonly AuthorizerModel[];
  readonly functions: readonly FunctionModel[];
  /** Every route of every function, in template order. */
  readonly routes: readonly RouteModel[];
}

/** Preflight headers, without the quotes that the template needs. Null if the template does not set them. */
export interface CorsModel {
  readonly allowOrigin: string;
  readonly allowMethods: string | null;
  readonly allowHeaders: string | null;
  readonly maxAge: string | null;
  readonly allowCredentials: boolean;
}

export interface GatewayResponseModel {
  readonly statusCode: number | null;
  /** Header name to an expression: `'static'`, `context.requestId` or `method.request.header.Origin`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Media type to the template of the body. */
  readonly templates: Readonly<Record<string, string>>;
}

/** An entry of MethodSettings. `*` stands for every path or method, null for what the entry does not set. */
export interface MethodSetting {
  readonly method: string;
  readonly path: string;
  readonly cachingEnabled: boolean | null;
  readonly cacheTtlSeconds: number | null;
  readonly throttlingRateLimit: number | null;
  readonly throttlingBurstLimit: number | null;
}

export interface AuthorizerModel {
  readonly name: string;
  readonly functionName: string;
  /** What results are cached by, and what a request must have to be authorized at all. */
  readonly identitySources: readonly IdentitySource[];
  /** How long a result is cached. 0 disables the cache. */
  readonly ttlSeconds: number;
}

export interface IdentitySource {
  readonly in: 'header' | 'querystring' | 'context';
  readonly name: string;
}

export interface FunctionModel {
  readonly logicalId: string;
  /** The last folder of CodeUri: the name of the function's folder and of its bundle's. */
  readonly name: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly environment: Readonly<Record<string, string>>;
}

export interface RouteModel {
  readonly functionId: string;
  readonly functionName: string;
  readonly eventName: string;
  /** Upper case. `ANY` for all methods. */
  readonly method: string;
  readonly path: string;
  readonly requestParameters: readonly RequestParameter[];
  /** Null if the route is not cached. */
  readonly cache: { readonly ttlSeconds: number } | null;
  /** Null if the route is open to everyone. */
  readonly authorizer: string | null;
  readonly integrationTimeoutMilliseconds: number;
}

export interface RequestParameter {
  readonly in: 'path' | 'querystring' | 'header';
  readonly name: string;
  readonly required: boolean;
  /** Whether its value is part of the stage cache's key. */
  readonly cacheKey: boolean;
}

/** Finds the function whose code is in functions/<name>/. */
export function functionNamed({ functions }: ApiModel, name: string): FunctionModel {
  const fn = functions.find((candidate) => candidate.name === name);
  if (fn === undefined) throw new Error(`template.yaml has no function whose CodeUri ends in ${name}/`);
  return fn;
}

/** Tells whether a function is an authorizer, which returns a policy instead of an HTTP response. */
export function isAuthorizer({ authorizers }: ApiModel, name: string): boolean {
  return authorizers.some(({ functionName }) => functionName === name);
}
