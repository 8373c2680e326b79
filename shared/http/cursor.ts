import { timingSafeEqual } from 'node:crypto';
import { keyedMac } from '../keyed-mac.ts';
import { problem } from './problem.ts';

/** Length of the HMAC in a cursor, in bytes: 128 bits cannot be guessed (NIST SP 800-107 section 5.3). */
const MAC_BYTES = 16;

/**
 * Encodes an authenticated page cursor: the position of the last item. Opaque to clients. The same page always has the
 * same cursor, so that the stage cache finds it.
 * @param scope what the cursor is valid for, such as the route and its filters. Another scope refuses it.
 * @param position the next page starts after it. Clients can decode it, so it must not be secret.
 */
export function encodeCursor(key: string, scope: string, position: string): string {
  return Buffer.concat([mac(key, scope, position), Buffer.from(position)]).toString('base64url');
}

/**
 * Decodes a cursor and returns its position.
 * @param parameter the query parameter that held it, for the error
 * @throws Problem `invalid-request` unless {@link encodeCursor} made the cursor with this key and scope.
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
  return keyedMac(key, 'cursor', [scope, position]).subarray(0, MAC_BYTES);
}
