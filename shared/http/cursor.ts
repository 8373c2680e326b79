import { createHmac, timingSafeEqual } from 'node:crypto';
import { problem } from './problem.ts';

/** Bytes of the HMAC kept in a cursor: 128 bits, past guessing (NIST SP 800-107 section 5.3). */
const MAC_BYTES = 16;

/** Shortest key taken, in characters: 32 of base64 are 192 bits. */
const MIN_KEY_LENGTH = 32;

/**
 * A page cursor: the position of the last item, authenticated. Opaque to clients, and the same for the same page, so
 * that a cached page is found again.
 * @param scope what the cursor is good for, such as the route and its filters; another scope refuses it.
 * @param position where the next page starts after; readable by whoever decodes it, so never a secret.
 */
export function encodeCursor(key: string, scope: string, position: string): string {
  return Buffer.concat([mac(key, scope, position), Buffer.from(position)]).toString('base64url');
}

/**
 * The position in a cursor.
 * @param parameter the query parameter it came in, for the fault
 * @throws Problem `invalid-request` for a cursor that was not made by {@link encodeCursor} with this key and scope.
 */
export function decodeCursor(key: string, scope: string, cursor: string, parameter = 'cursor'): string {
  const bytes = Buffer.from(cursor, 'base64url');
  const position = bytes.subarray(MAC_BYTES).toString();
  const presented = bytes.subarray(0, MAC_BYTES);
  if (presented.length !== MAC_BYTES || !timingSafeEqual(presented, mac(key, scope, position))) {
    throw problem('invalid-request', {
      detail: 'The cursor is not one that this list gave.',
      errors: [
        {
          in: 'query',
          pointer: `/${parameter}`,
          message: 'must be what a page of the same list gave, with the same filters and order',
        },
      ],
    });
  }
  return position;
}

function mac(key: string, scope: string, position: string): Buffer {
  if (key.length < MIN_KEY_LENGTH) throw new Error(`The cursor key is shorter than ${MIN_KEY_LENGTH} characters`);
  return createHmac('sha256', key).update(scope).update('\0').update(position).digest().subarray(0, MAC_BYTES);
}
