import { isNativeError } from 'node:util/types';
import { codeOf, messageOf } from '../../tools/platform/errors.ts';
import { changedSince, StoreFault, type StoreFile } from './media-store.ts';

/** Whether S3 has answered, and not as was hoped for. */
export function isAnswerOfS3(error: unknown): boolean {
  return isNativeError(error) && '$metadata' in error;
}

/** The upload is not any more what was listed of it: another import has completed it, sent parts of it or ended it. */
export function isOutOfDate(error: unknown): boolean {
  return isNativeError(error) && ['NoSuchUpload', 'InvalidPart', 'InvalidRequest'].includes(error.name);
}

const NO_CREDENTIALS = 'there are no AWS credentials: set AWS_PROFILE, or run `aws configure`';
const BAD_CREDENTIALS = 'the AWS credentials are wrong or have expired';
const DENIED = 'access is denied; docs/operations.md lists what an import must be allowed';
const OTHER_REGION = 'it is in another region: name that with --region';
const UNREACHABLE = 'S3 cannot be reached';

/** What is to be done, by the name that S3 or the SDK gives an error, or the code that Node does. */
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

/** HEAD is answered without a body, so all that is known is a status. */
const REASONS_BY_STATUS: ReadonlyMap<unknown, string> = new Map([
  [301, OTHER_REGION],
  [400, 'the request is not understood: is the region right?'],
  [403, DENIED],
]);

/** In words for whoever imports; what nobody foresaw stays as it is. */
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
