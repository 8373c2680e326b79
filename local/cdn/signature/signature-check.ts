import { verify } from 'node:crypto';
import { isInRange } from './ipv4-range.ts';
import { cannedPolicy, MAX_EPOCH_SECONDS, type Policy, parsePolicy } from './policy.ts';
import { sectionsOf } from './resource-pattern.ts';
import { readSignedRequest, type SignedRequest, type ViewerRequest } from './signed-request.ts';
import type { TrustedKeys } from './trusted-keys.ts';
import { decodeUrlSafeBase64 } from './url-safe-base64.ts';

/** Why CloudFront refuses a request without a valid signature. */
export type SignatureError = 'MissingKey' | 'InvalidKey' | 'MalformedPolicy' | 'AccessDenied';

/** By the value of Hash-Algorithm. Without it, CloudFront uses SHA-1. */
const DIGESTS: ReadonlyMap<string, string> = new Map([
  ['SHA1', 'RSA-SHA1'],
  ['SHA256', 'RSA-SHA256'],
]);

/**
 * A name or address, with or without a port. A slash is refused: the signed path would then differ from the requested
 * one.
 */
const HOST = /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/** The form of Expires: digits, without leading zeros. */
const EPOCH_SECONDS = /^(0|[1-9]\d*)$/;

/**
 * Decides about a request as CloudFront does for a behaviour with a trusted key group. It verifies the signature first,
 * and never parses an unsigned policy.
 */
export function checkSignature(request: ViewerRequest, keys: TrustedKeys, now: Date): 'allowed' | SignatureError {
  const signedRequest = readSignedRequest(request);
  if (signedRequest.isAmbiguous || !HOST.test(request.host)) return 'AccessDenied';
  const keyPairId = signedRequest.parameters.get('Key-Pair-Id') ?? '';
  if (keyPairId === '') return 'MissingKey';
  const key = keys.get(keyPairId);
  if (key === undefined) return 'InvalidKey';

  const signed = signedPolicy(signedRequest);
  if (signed === null) return 'MalformedPolicy';
  const digest = DIGESTS.get(signedRequest.parameters.get('Hash-Algorithm') ?? 'SHA1');
  const signature = decodeUrlSafeBase64(signedRequest.parameters.get('Signature') ?? '');
  if (digest === undefined || signature === null) return 'AccessDenied';
  if (!verify(digest, signed.text, key, signature)) return 'AccessDenied';

  const policy = signed.read();
  if (policy === null) return 'MalformedPolicy';
  return isAllowed(policy, { baseUrl: signedRequest.baseUrl, sourceAddress: request.sourceAddress, now })
    ? 'allowed'
    : 'AccessDenied';
}

interface SignedPolicy {
  /** The text that the signature covers. */
  readonly text: Buffer;
  /** Null if the text is not a policy. */
  read(): Policy | null;
}

/**
 * Returns the custom policy of a request, or the canned one that Expires implies. Null without either. A request with
 * both is refused: the guide does not describe it, and no signer produces it.
 */
function signedPolicy({ baseUrl, parameters }: SignedRequest): SignedPolicy | null {
  const policy = parameters.get('Policy');
  const expires = parameters.get('Expires');
  if (policy !== undefined) {
    const text = expires === undefined ? decodeUrlSafeBase64(policy) : null;
    return text && { text, read: () => parsePolicy(text) };
  }
  if (expires === undefined || !EPOCH_SECONDS.test(expires) || Number(expires) > MAX_EPOCH_SECONDS) return null;
  const dateLessThan = Number(expires);
  return {
    text: cannedPolicy(baseUrl, dateLessThan),
    // Its resource is the URL itself, which the signature covers.
    read: () => ({ resource: null, dateLessThan, dateGreaterThan: null, sourceIp: null }),
  };
}

interface RequestFacts {
  readonly baseUrl: string;
  readonly sourceAddress: string;
  readonly now: Date;
}

function isAllowed(policy: Policy, { baseUrl, sourceAddress, now }: RequestFacts): boolean {
  const seconds = Math.floor(now.getTime() / 1000);
  return (
    seconds < policy.dateLessThan &&
    // "Not on or before the specified date and time."
    (policy.dateGreaterThan === null || seconds > policy.dateGreaterThan) &&
    (policy.sourceIp === null || isInRange(sourceAddress, policy.sourceIp)) &&
    (policy.resource === null || policy.resource(sectionsOf(baseUrl)))
  );
}
