import { domainToASCII } from 'node:url';
import { invalidBody } from '../../../shared/http/problem.ts';

/** An address as displayed and mailed to, and in the normal form that identifies an account. */
export interface EmailAddress {
  readonly email: string;
  readonly emailKey: string;
}

/**
 * A dot-string of RFC 5321 section 4.1.2. Only ASCII: Amazon SES cannot deliver to other mailboxes ("Amazon SES: Email
 * address format"), and other letters make addresses that look alike.
 */
const LOCAL_PART = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;

/** Labels of letters, marks, digits and hyphens: nothing that a URL parser would read as a port or a path. */
const DOMAIN = /^[\p{L}\p{M}\p{N}-]+(?:\.[\p{L}\p{M}\p{N}-]+)+$/u;

/** The same in ASCII (RFC 1035 section 2.3.1). The last label has a letter, so that it is not an IP address. */
const ASCII_DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/** RFC 5321 section 4.5.3.1. */
const MAX_LOCAL_PART = 64;
const MAX_ADDRESS = 254;

/**
 * Parses a bare address: no display name, comment or quotes. It normalizes compatibility forms such as full-width
 * letters, folds case, and writes the domain in ASCII (UTS 46), so that each address has one key.
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
  if (!isAddress) throw invalidBody('/email', 'must be an e-mail address such as ada@example.com');
  // SES accepts only ASCII domains. One that is ASCII already stays as it was written.
  return { email: asciiDomain === domain.toLowerCase() ? email : `${localPart}@${asciiDomain}`, emailKey };
}
