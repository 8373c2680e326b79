import { isNativeError } from 'node:util/types';
import { codeOf, messageOf } from '../../tools/platform/errors.ts';
import { changedSince, StoreFault, type StoreFile } from './media-store.ts';

/** Tells whether S3 answered with an error. */
export function isAnswerOfS3(error: unknown): boolean {
  return isNativeError(error) && '$metadata' in error;
}

/** The upload is not as it was listed: another import has completed it, added parts to it or aborted it. */
export function isOutOfDate(error: unknown): boolean {
  return isNativeError(error) && ['NoSuchUpload', 'InvalidPart', 'InvalidRequest'].includes(error.name);
}

const NO_CREDENTIALS = 'there are no AWS credentials: set AWS_PROFILE, or run `aws configure`';
const BAD_CREDENTIALS = 'the AWS credentials are wrong or have expired';
const DENIED = 'access is denied; docs/operations.md lists what an import must be allowed';
const OTHER_REGION = 'it is in another region: name that with --region';
const UNREACHABLE = 'S3 cannot be reached';

/** What to do, by the name of an S3 or SDK error, or the code of a Node error. */
const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['CredentialsProviderError', NO_CREDENTIALS],
  ['InvalidAccessKeyId', BAD_CREDENTIALS],
  ['SignatureDoesNotMatch', BAD_CREDENTIALS],
  ['ExpiredToken', BAD_CREDENTIALS],
  ['InvalidToken', BAD_CREDENTIALS],
  ['RequestTimeTooSkewed', 'the clock of this machine is wrong'],
  ['NoSuchBucket', 'there is no such bucket'],
  ['InvalidBucketName', 'that is no name of a bucket'],
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
  [400, 'the request is not understood: is the region right?'],
  [403, DENIED],
]);

/** Explains an S3 error to the person who imports. Unknown errors stay as they are. */
export function bucketFault(error: unknown, bucket: string, file: StoreFile): unknown {
  if (error instanceof StoreFault || !isNativeError(error)) return error;
  if (codeOf(error) === 'ENOENT') return changedSince(file);
  const reason =
    REASONS.get(error.name) ??
    REASONS.get(codeOf(error)) ??
    (error.message.startsWith('Region ') ? 'name its region with --region, or set AWS_REGION' : undefined) ??
    REASONS_BY_STATUS.get(statusOf(error)) ??
    (isAnswerOfS3(error) ? 'S3 refuses it' : undefined);
  if (reason === undefined) return error;
  return new StoreFault(
    `Files cannot be stored in the bucket "${bucket}": ${reason} (${error.name}: ${messageOf(error)}).`,
  );
}

function statusOf(error: Error): unknown {
  const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
  return $metadata?.httpStatusCode;
}
