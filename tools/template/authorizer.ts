import { type Fields, fieldsOf, TemplateError } from './fields.ts';
import type { AuthorizerModel, FunctionModel, IdentitySource } from './model.ts';

/** How long a result is cached by default ("AWS::ApiGateway::Authorizer", AuthorizerResultTtlInSeconds). */
const DEFAULT_TTL_SECONDS = 300;

/** The maximum. */
const MAX_TTL_SECONDS = 3600;

const AUTHORIZER_FIELDS = new Set(['FunctionArn', 'FunctionPayloadType', 'Identity']);
const IDENTITY_FIELDS = new Set(['Headers', 'QueryStrings', 'Context', 'ReauthorizeEvery']);

/** A function of this template or its alias: a reference, or the ARN that `resolveIntrinsics` substitutes. */
const FUNCTION_REFERENCE = /^(?:arn:aws:local:[^:]*:[^:]*:)?([A-Za-z0-9]+)(?:\/Arn(?::[\w-]+)?)?$/;

/**
 * A Lambda authorizer of type REQUEST ("LambdaRequestAuthorizationIdentity"). Anything unknown is an error, so that no
 * route is more open locally than deployed.
 */
export function readAuthorizer(
  { name, properties }: { readonly name: string; readonly properties: Readonly<Record<string, unknown>> },
  functions: readonly FunctionModel[],
): AuthorizerModel {
  const fields = fieldsOf(properties, `the authorizer ${name}`);
  assertKnown(fields, AUTHORIZER_FIELDS);
  if (fields.optionalString('FunctionPayloadType') !== 'REQUEST') {
    throw new TemplateError(fields.where, 'FunctionPayloadType must be REQUEST; TOKEN, the default, is not emulated');
  }
  const identity = fields.fields('Identity');
  assertKnown(identity, IDENTITY_FIELDS);
  const ttlSeconds = identity.optionalNumber('ReauthorizeEvery') ?? DEFAULT_TTL_SECONDS;
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 0 || ttlSeconds > MAX_TTL_SECONDS) {
    throw new TemplateError(identity.where, `ReauthorizeEvery must be whole seconds up to ${MAX_TTL_SECONDS}`);
  }
  const identitySources = readSources(identity);
  if (ttlSeconds > 0 && identitySources.length === 0) {
    throw new TemplateError(identity.where, 'results cannot be kept without an identity source to keep them by');
  }
  return { name, functionName: readFunctionName(fields, functions), identitySources, ttlSeconds };
}

function assertKnown(fields: Fields, known: ReadonlySet<string>): void {
  const other = fields.names.find((field) => !known.has(field));
  if (other !== undefined) throw new TemplateError(fields.where, `${other} is not emulated`);
}

function readSources(identity: Fields): readonly IdentitySource[] {
  return [
    ...identity.strings('Headers').map((name) => ({ in: 'header', name }) as const),
    ...identity.strings('QueryStrings').map((name) => ({ in: 'querystring', name }) as const),
    ...identity.strings('Context').map((name) => ({ in: 'context', name }) as const),
  ];
}

function readFunctionName(fields: Fields, functions: readonly FunctionModel[]): string {
  const reference = fields.string('FunctionArn');
  const logicalId = FUNCTION_REFERENCE.exec(reference)?.[1];
  const fn = functions.find((candidate) => candidate.logicalId === logicalId);
  if (fn === undefined)
    throw new TemplateError(fields.where, `FunctionArn ${reference} is no function of this template`);
  return fn.name;
}
