/** A setting that a function needs and its environment does not have. Names the variable, never a value. */
export class MissingSetting extends Error {
  override readonly name = 'MissingSetting';

  constructor(variable: string) {
    super(`The environment variable ${variable} is not set`);
  }
}

/*
 * This module is the only reader of the environment. It reads on use, never on import, so that a function starts
 * whatever is missing and then names it.
 */

function required(variable: string): string {
  const value = process.env[variable];
  if (value === undefined || value === '') throw new MissingSetting(variable);
  return value;
}

/** Where images, captions and media are served from: an absolute URL without a slash at the end. */
export function mediaBaseUrl(): string {
  return required('MEDIA_BASE_URL');
}

/** Where clients reach the API, an absolute URL without a slash at the end, where that is not what API Gateway sees. */
export function apiUrlSetting(): string | undefined {
  return process.env['API_URL'] || undefined;
}

/** Web origins that may read answers that are not cached, such as `https://app.example.com`. */
export function allowedOrigins(): readonly string[] {
  return (process.env['ALLOWED_ORIGINS'] ?? '').split(',').filter((origin) => origin !== '');
}

/** Who issues access tokens: the `iss` they must have, an https URL (RFC 9068 section 2.2). */
export function tokenIssuer(): string {
  return required('TOKEN_ISSUER');
}

/** Whom access tokens are for: the `aud` they must have. Differs by stage, so that a token of dev is no good in prod. */
export function tokenAudience(): string {
  return required('TOKEN_AUDIENCE');
}

/** The web app that links in mails lead to: an absolute URL without a slash at the end. */
export function appUrl(): string {
  return required('APP_URL');
}

/** The address that mails come from; its identity is verified with Amazon SES. */
export function mailFrom(): string {
  return required('MAIL_FROM');
}

/** For how long the parent of the current refresh token is answered with it again, in seconds; 60 unless set. */
export function refreshGraceSeconds(): number {
  const value = process.env['REFRESH_GRACE_SECONDS'] || '60';
  if (!/^\d{1,4}$/.test(value))
    throw new Error('The environment variable REFRESH_GRACE_SECONDS is no number of seconds');
  return Number(value);
}

/** After how many seconds somebody who asks for a password reset is answered, account or not. */
export function resetAnswerSeconds(): number {
  return Number(required('RESET_ANSWER_SECONDS'));
}

/**
 * The id under which CloudFront knows the public key in one of its two slots.
 * @param slot `a` or `b`
 */
export function mediaKeyPairId(slot: string): string {
  return required(`MEDIA_KEY_PAIR_ID_${slot.toUpperCase()}`);
}

/** The domain that cookies for media are set for; without the setting that of the media themselves. */
export function mediaCookieDomain(): string {
  return process.env['MEDIA_COOKIE_DOMAIN'] || new URL(mediaBaseUrl()).hostname;
}

/** The name of the running function, for its log lines; `local` outside of Lambda. */
export function functionName(): string {
  return process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? 'local';
}

/** A secret given as a plain variable, which is how it is given on a developer's machine. */
export function plainSecret(name: string): string | undefined {
  return process.env[name] || undefined;
}

const PARAMETER_SUFFIX = '_PARAMETER';

/**
 * The SSM parameters of this function, by the name of the secret each holds: `MONGODB_URI_PARAMETER=/lectern/dev/uri`
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
