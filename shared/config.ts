/** A function needs a setting that its environment lacks. The message names the variable, never a value. */
export class MissingSetting extends Error {
  override readonly name = 'MissingSetting';

  constructor(variable: string) {
    super(`The environment variable ${variable} is not set`);
  }
}

/*
 * Only this module reads the environment. It reads on use, never on import, so that a function starts even if a setting
 * is missing, and then names it.
 */

function required(variable: string): string {
  const value = process.env[variable];
  if (value === undefined || value === '') throw new MissingSetting(variable);
  return value;
}

function optionalSeconds(variable: string): number | undefined {
  const value = process.env[variable] || undefined;
  if (value === undefined) return undefined;
  if (!/^\d{1,4}$/.test(value)) throw new Error(`The environment variable ${variable} is no number of seconds`);
  return Number(value);
}

/** The base URL of images, captions and media: absolute, without a trailing slash. */
export function mediaBaseUrl(): string {
  return required('MEDIA_BASE_URL');
}

/**
 * The base URL at which clients reach the API, if it differs from what API Gateway sees: absolute, without a trailing
 * slash.
 */
export function apiUrlSetting(): string | undefined {
  return process.env['API_URL'] || undefined;
}

/** Web origins that may read uncached answers, such as `https://app.example.com`. */
export function allowedOrigins(): readonly string[] {
  return (process.env['ALLOWED_ORIGINS'] ?? '').split(',').filter((origin) => origin !== '');
}

/** The issuer of access tokens, their `iss`: an https URL (RFC 9068 section 2.2). */
export function tokenIssuer(): string {
  return required('TOKEN_ISSUER');
}

/** The audience of access tokens, their `aud`. It differs by stage, so that a token of dev does not work in prod. */
export function tokenAudience(): string {
  return required('TOKEN_AUDIENCE');
}

/** The web app that links in mails lead to: an absolute URL without a trailing slash. */
export function appUrl(): string {
  return required('APP_URL');
}

/** The sender address of mails. Amazon SES has verified its identity. */
export function mailFrom(): string {
  return required('MAIL_FROM');
}

/**
 * How long a replaced refresh token still gets the current one without its attempt, in seconds. The template sets it
 * (`RefreshGraceSeconds`); without a template, as in tests, it is 60.
 */
export function refreshGraceSeconds(): number {
  return optionalSeconds('REFRESH_GRACE_SECONDS') ?? 60;
}

/**
 * How long the stage cache keeps the answers of this function's cached routes, in seconds. Undefined if it is what
 * their contract says.
 */
export function cacheTtlSeconds(): number | undefined {
  return optionalSeconds('CACHE_TTL_SECONDS');
}

/** How long the answer to a password reset request takes, in seconds, whether the account exists or not. */
export function resetAnswerSeconds(): number {
  return Number(required('RESET_ANSWER_SECONDS'));
}

/** The domain for media cookies. By default that of the media. */
export function mediaCookieDomain(): string {
  return process.env['MEDIA_COOKIE_DOMAIN'] || new URL(mediaBaseUrl()).hostname;
}

/** The name of the running function, for its log lines. `local` outside of Lambda. */
export function functionName(): string {
  return process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? 'local';
}

/** The published version of the running function, for its log lines. `local` outside of Lambda. */
export function functionVersion(): string {
  return process.env['AWS_LAMBDA_FUNCTION_VERSION'] ?? 'local';
}

/**
 * The names of functions, which are those of their folders, by the physical name that a deployment gives them.
 * @throws MissingSetting
 */
export function probedFunctions(): Readonly<Record<string, string>> {
  return JSON.parse(required('PROBED_FUNCTIONS')) as Readonly<Record<string, string>>;
}

/** Where business metrics are counted. Undefined if they are not. */
export function businessMetricsNamespace(): string | undefined {
  return process.env['BUSINESS_METRICS_NAMESPACE'] || undefined;
}

/** Whether requests are traced. */
export function isTraced(): boolean {
  return process.env['TRACING'] === 'true';
}

/** The region of the function, which Lambda sets. */
export function awsRegion(): string {
  return required('AWS_REGION');
}

/** The credentials of the function's role, which Lambda sets. */
export function awsCredentials() {
  return {
    accessKeyId: required('AWS_ACCESS_KEY_ID'),
    secretAccessKey: required('AWS_SECRET_ACCESS_KEY'),
    sessionToken: process.env['AWS_SESSION_TOKEN'] ?? '',
  };
}

/**
 * The address of a service of AWS, if it is another than that of the region (AWS SDKs and Tools Reference Guide,
 * "Service-specific endpoints").
 * @param name such as `SSM`
 */
export function awsEndpoint(name: string): string | undefined {
  return process.env[`AWS_ENDPOINT_URL_${name}`] || process.env['AWS_ENDPOINT_URL'] || undefined;
}

/** Returns a secret from a plain variable, which developers' machines use. */
export function plainSecret(name: string): string | undefined {
  return process.env[name] || undefined;
}

const PARAMETER_SUFFIX = '_PARAMETER';

/**
 * Returns the SSM parameters of this function by the name of their secret: `MONGODB_URI_PARAMETER=/lectern/dev/uri`
 * gives `MONGODB_URI`. Empty outside of AWS.
 */
export function secretParameters(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([variable, parameter]) =>
      variable.endsWith(PARAMETER_SUFFIX) && parameter
        ? [[variable.slice(0, -PARAMETER_SUFFIX.length), parameter]]
        : [],
    ),
  );
}
