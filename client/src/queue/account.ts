import { RequestFailed } from '../platform/http.ts';

/** The app's token is of another learner than the queue. Nothing was sent, and nothing is lost. */
export class WrongAccount extends RequestFailed {
  override readonly name = 'WrongAccount';
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * Returns the learner whose access token this is (`sub`), or null if it is no token of Lectern's, which the server refuses.
 * Decodes it by hand, since some versions of React Native have no `atob`. Ids are ASCII.
 */
export function accountOf(token: string): string | null {
  let bits = '';
  for (const character of token.split('.')[1] ?? '') {
    bits += BASE64URL.indexOf(character).toString(2).padStart(6, '0');
  }
  const text = (bits.match(/.{8}/g) ?? []).map((byte) => String.fromCharCode(Number.parseInt(byte, 2))).join('');
  return /"sub"\s*:\s*"([^"\\]+)"/.exec(text)?.[1] ?? null;
}
