import { appUrl } from '../../../shared/config.ts';
import { mailOf } from './letter.ts';
import type { Mail } from './mail.ts';

/** To whom a letter goes, and the token that its link carries. */
interface Addressed {
  readonly to: string;
  /**
   * Null while the address is not verified: whoever registered it may be a stranger to whoever reads the mail, and is
   * not to have us deliver a text of theirs.
   */
  readonly name: string | null;
  readonly token: string;
}

/** Asks a new learner to prove that the address is theirs. */
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

/** Lets whoever reads the mail of an account choose a new password. */
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

/** The token is in the fragment, which browsers send to no server and put into no log or Referer (RFC 3986 section 3.5). */
function appLink(page: string, token: string): string {
  return `${appUrl()}/${page}#token=${token}`;
}
