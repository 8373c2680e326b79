import { appUrl } from '../../../shared/config.ts';
import type { Mail } from './letter.ts';
import { mailOf } from './letter.ts';

/** The recipient of a letter, and the token in its link. */
interface Addressed {
  readonly to: string;
  /**
   * Null while the address is not verified: otherwise a stranger who registers it could make us deliver a text of
   * their choice.
   */
  readonly name: string | null;
  readonly token: string;
}

/** Asks a new learner to confirm the address. */
export function verificationMail({ to, name, token }: Addressed): Mail {
  return mailOf({
    to,
    name,
    subject: 'Confirm your e-mail address',
    opening: 'Welcome to Lectern. Please confirm that this address is yours.',
    action: 'Confirm this address',
    link: appLink('verify-email', token),
    closing: 'The link works once, within 48 hours. If you have not signed up, there is nothing to do.',
  });
}

/** Offers a link to choose a new password. */
export function passwordResetMail({ to, name, token }: Addressed): Mail {
  return mailOf({
    to,
    name,
    subject: 'Choose a new password',
    opening: 'Somebody asked for a new password for your Lectern account.',
    action: 'Choose a new password',
    link: appLink('reset-password', token),
    closing:
      'The link works once, within one hour. If it was not you, there is nothing to do: your password stays as it is.',
  });
}

/** Puts the token in the fragment, which browsers send to no server and in no `Referer` (RFC 3986 section 3.5). */
function appLink(page: string, token: string): string {
  return `${appUrl()}/${page}#token=${token}`;
}
