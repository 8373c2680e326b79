import { domainToASCII } from 'node:url';
import { invalidField } from '../refusals.ts';

/** An address as it is shown and written to, and in the one form by which accounts are told apart. */
export interface EmailAddress {
  readonly email: string;
  readonly emailKey: string;
}

/**
 * A dot-string of RFC 5321 section 4.1.2. Letters beyond ASCII are refused: Amazon SES cannot deliver to such a mailbox
 * ("Amazon SES: Email address format"), and they are what look-alikes of another address are made of.
 */
const LOCAL_PART = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;

/** Labels of letters, marks, digits and hyphens: nothing that a URL parser would take for a port or a path. */
const DOMAIN = /^[\p{L}\p{M}\p{N}-]+(?:\.[\p{L}\p{M}\p{N}-]+)+$/u;

/** The same in ASCII (RFC 1035 section 2.3.1). A last label of digits alone would be an IP address. */
const ASCII_DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/** RFC 5321 section 4.5.3.1. */
const MAX_LOCAL_PART = 64;
const MAX_ADDRESS = 254;

/**
 * Reads a bare address: no display name, no comment, no quotes. Compatibility forms such as full-width letters become
 * the letters they stand for, case is folded, and the domain is written in ASCII (UTS 46): an address has one key.
 * @throws Problem `invalid-request`.
 */
export function parseEmail(text: string): EmailAddress {
  const email = text.normalize('NFKC').trim();
  const [localPart = '', domain = '', ...others] = email.split('@');
  const asciiDomain = DOMAIN.test(domain) ? domainToASCII(domain) : '';
  const emailKey = `${localPart}@${asciiDomain}`.toLowerCase();

  const isAddress =
    others.length === 0 &&
    localPart.length <= MAX_LOCAL_PART &&
    LOCAL_PART.test(localPart) &&
    ASCII_DOMAIN.test(asciiDomain) &&
    emailKey.length <= MAX_ADDRESS;
  if (!isAddress) throw invalidField('/email', 'must be an e-mail address such as ada@example.com');
  // SES takes the domain in ASCII alone; where it is that already, it stays as it was written.
  return { email: asciiDomain === domain.toLowerCase() ? email : `${localPart}@${asciiDomain}`, emailKey };
}
