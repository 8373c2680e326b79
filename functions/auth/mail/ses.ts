import { domainToASCII } from 'node:url';
import { callAws } from '../../../shared/aws/call-aws.ts';
import { mailFrom } from '../../../shared/config.ts';
import type { Mail } from './letter.ts';

/**
 * How long SES may take to accept a message, in milliseconds, retries included. Shorter than RESET_ANSWER_SECONDS in
 * template.yaml, so that the time of the answer to a reset does not tell whether a mail was sent.
 */
const DEADLINE_MS = 1500;

const SEND_EMAIL = {
  service: 'ses',
  host: 'email',
  endpointName: 'SESV2',
  path: '/v2/email/outbound-emails',
  headers: { 'Content-Type': 'application/json' },
} as const;

/**
 * Hands a message to Amazon SES, which builds the MIME ("SendEmail" of the SES API v2, simple content).
 * @throws Error if SES does not accept it in time.
 */
export async function sendThroughSes({ to, subject, text, html }: Mail): Promise<void> {
  const message = {
    FromEmailAddress: `Lectern <${mailFrom()}>`,
    Destination: { ToAddresses: [withAsciiDomain(to)] },
    Content: {
      Simple: {
        Subject: { Data: subject, Charset: 'UTF-8' },
        Body: { Text: { Data: text, Charset: 'UTF-8' }, Html: { Data: html, Charset: 'UTF-8' } },
      },
    },
  };
  await callAws(SEND_EMAIL, message, { attempts: 2, signal: AbortSignal.timeout(DEADLINE_MS) });
}

/** SES requires Punycode for domains outside ASCII ("Destination" of the SES API v2). */
function withAsciiDomain(address: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}@${domainToASCII(address.slice(at + 1))}`;
}
