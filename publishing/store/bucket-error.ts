import { isNativeError } from 'node:util/types';
import { codeOf, messageOf } from '../../tools/platform/errors.ts';
import { fileChanged, StoreError, type StoreFile } from './media-store.ts';

/** Tells whether S3 answered with an error. */
export function isS3Response(error: unknown): boolean {
  return isNativeError(error) && '$metadata' in error;
}

/** The upload is not as it was listed: another import has completed it, added parts to it or aborted it. */
export function isOutOfDate(error: unknown): boolean {
  return isNativeError(error) && ['NoSuchUpload', 'InvalidPart', 'InvalidRequest'].includes(error.name);
}

const NO_CREDENTIALS = 'there are no AWS credentials: set AWS_PROFILE, or run `aws configure`';
const BAD_CREDENTIALS = 'the AWS credentials are invalid or have expired';
const DENIED = 'access is denied: docs/operations/courses.md lists the permissions that an import needs';
const OTHER_REGION = 'it is in another region: set --region';
const UNREACHABLE = 'S3 cannot be reached';

/** What to do, by the name of an S3 or SDK error, or the code of a Node error. */
const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['CredentialsProviderError', NO_CREDENTIALS],
  ['InvalidAccessKeyId', BAD_CREDENTIALS],
  ['SignatureDoesNotMatch', BAD_CREDENTIALS],
  ['ExpiredToken', BAD_CREDENTIALS],
  ['InvalidToken', BAD_CREDENTIALS],
  ['RequestTimeTooSkewed', 'the clock of this machine is wrong'],
  ['NoSuchBucket', 'it does not exist'],
  ['InvalidBucketName', 'the name is invalid'],
  ['AccessDenied', DENIED],
  ['Forbidden', DENIED],
  ['PermanentRedirect', OTHER_REGION],
  ['AuthorizationHeaderMalformed', OTHER_REGION],
  ['TimeoutError', UNREACHABLE],
  ['ECONNREFUSED', UNREACHABLE],
  ['ECONNRESET', UNREACHABLE],
  ['ENOTFOUND', UNREACHABLE],
  ['EAI_AGAIN', UNREACHABLE],
  ['ENETUNREACH', UNREACHABLE],
  ['ETIMEDOUT', UNREACHABLE],
]);

/** The answer to HEAD has no body, so only its status is known. */
const REASONS_BY_STATUS: ReadonlyMap<unknown, string> = new Map([
  [301, OTHER_REGION],
  [400, 'S3 rejects the request: check the region'],
  [403, DENIED],
]);

/** Explains an S3 error to the person who imports. Unknown errors stay as they are. */
export function toStoreError(error: unknown, bucket: string, file: StoreFile): unknown {
  if (error instanceof StoreError || !isNativeError(error)) return error;
  if (codeOf(error) === 'ENOENT') return fileChanged(file);
  const reason =
    REASONS.get(error.name) ??
    REASONS.get(codeOf(error)) ??
    (error.message.startsWith('Region ') ? 'set its region with --region or AWS_REGION' : undefined) ??
    REASONS_BY_STATUS.get(statusOf(error)) ??
    (isS3Response(error) ? 'S3 rejects the request' : undefined);
  if (reason === undefined) return error;
  return new StoreError(
    `Cannot store files in the bucket "${bucket}": ${reason} (${error.name}: ${messageOf(error)}).`,
  );
}

function statusOf(error: Error): unknown {
  const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
  return $metadata?.httpStatusCode;
}
