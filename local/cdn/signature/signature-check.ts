import { verify } from 'node:crypto';
import { isInRange } from './ipv4-range.ts';
import { cannedPolicy, MAX_EPOCH_SECONDS, type Policy, readPolicy } from './policy.ts';
import { type PresentedGrant, readGrant, type ViewerRequest } from './presented-grant.ts';
import type { SignatureRefusal } from './refusal.ts';
import { sectionsOf } from './resource-pattern.ts';
import type { TrustedKeys } from './trusted-keys.ts';
import { decodeUrlSafeBase64 } from './url-safe-base64.ts';

/** By the value of Hash-Algorithm. Without it, CloudFront uses SHA-1. */
const DIGESTS: ReadonlyMap<string, string> = new Map([
  ['SHA1', 'RSA-SHA1'],
  ['SHA256', 'RSA-SHA256'],
]);

/**
 * A name or address, with or without a port. With a slash in it, the signed path would differ from the requested one.
 */
const HOST = /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/** The form of Expires: digits, without leading zeros. */
const EPOCH_SECONDS = /^(0|[1-9]\d*)$/;

/**
 * Decides about a request as CloudFront does for a behaviour with a trusted key group. It verifies the signature first,
 * and never parses an unsigned policy.
 */
export function checkSignature(request: ViewerRequest, keys: TrustedKeys, now: Date): 'allowed' | SignatureRefusal {
  const grant = readGrant(request);
  if (grant.isAmbiguous || !HOST.test(request.host)) return 'AccessDenied';
  const keyPairId = grant.fields.get('Key-Pair-Id') ?? '';
  if (keyPairId === '') return 'MissingKey';
  const key = keys.get(keyPairId);
  if (key === undefined) return 'InvalidKey';

  const signed = signedPolicy(grant);
  if (signed === null) return 'MalformedPolicy';
  const digest = DIGESTS.get(grant.fields.get('Hash-Algorithm') ?? 'SHA1');
  const signature = decodeUrlSafeBase64(grant.fields.get('Signature') ?? '');
  if (digest === undefined || signature === null) return 'AccessDenied';
  if (!verify(digest, signed.text, key, signature)) return 'AccessDenied';

  const policy = signed.read();
  if (policy === null) return 'MalformedPolicy';
  return isAllowed(policy, { baseUrl: grant.baseUrl, sourceAddress: request.sourceAddress, now })
    ? 'allowed'
    : 'AccessDenied';
}

interface SignedPolicy {
  /** What the signature must cover. */
  readonly text: Buffer;
  /** Null if the text is not a policy. */
  read(): Policy | null;
}

/**
 * Returns the custom policy of a grant, or the canned one that it implies. Null for neither. The guide has no grant
 * with both Policy and Expires, and signers make none, so that is refused too.
 */
function signedPolicy({ baseUrl, fields }: PresentedGrant): SignedPolicy | null {
  const policy = fields.get('Policy');
  const expires = fields.get('Expires');
  if (policy !== undefined) {
    const text = expires === undefined ? decodeUrlSafeBase64(policy) : null;
    return text && { text, read: () => readPolicy(text) };
  }
  if (expires === undefined || !EPOCH_SECONDS.test(expires) || Number(expires) > MAX_EPOCH_SECONDS) return null;
  const dateLessThan = Number(expires);
  return {
    text: cannedPolicy(baseUrl, dateLessThan),
    // Its resource is the URL itself, which the signature covers.
    read: () => ({ resource: null, dateLessThan, dateGreaterThan: null, sourceIp: null }),
  };
}

interface Circumstances {
  readonly baseUrl: string;
  readonly sourceAddress: string;
  readonly now: Date;
}

function isAllowed(policy: Policy, { baseUrl, sourceAddress, now }: Circumstances): boolean {
  const seconds = Math.floor(now.getTime() / 1000);
  return (
    seconds < policy.dateLessThan &&
    // "Not on or before the specified date and time."
    (policy.dateGreaterThan === null || seconds > policy.dateGreaterThan) &&
    (policy.sourceIp === null || isInRange(sourceAddress, policy.sourceIp)) &&
    (policy.resource === null || policy.resource(sectionsOf(baseUrl)))
  );
}
