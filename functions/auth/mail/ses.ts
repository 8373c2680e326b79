import { domainToASCII } from 'node:url';
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { mailFrom } from '../../../shared/config.ts';
import type { Mail } from './letter.ts';

/**
 * How long SES may take to accept a message, in milliseconds, retries included. Shorter than RESET_ANSWER_SECONDS in
 * template.yaml, so that the time of the answer to a reset does not tell whether a mail was sent.
 */
const DEADLINE_MS = 1500;

let client: SESv2Client | undefined;

/**
 * Hands a message to Amazon SES, which builds the MIME ("SendEmail" of the SES API v2, simple content).
 * @throws Error if SES does not accept it in time.
 */
export async function sendThroughSes({ to, subject, text, html }: Mail): Promise<void> {
  client ??= new SESv2Client({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: DEADLINE_MS / 2, requestTimeout: DEADLINE_MS },
  });
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const sending = client.send(
    new SendEmailCommand({
      FromEmailAddress: `Lectern <${mailFrom()}>`,
      Destination: { ToAddresses: [withAsciiDomain(to)] },
      Content: {
        Simple: {
          Subject: { Data: subject, Charset: 'UTF-8' },
          Body: { Text: { Data: text, Charset: 'UTF-8' }, Html: { Data: html, Charset: 'UTF-8' } },
        },
      },
    }),
    { abortSignal: signal },
  );
  // The client honours the signal during the request, but not while it looks up credentials.
  await Promise.race([sending, endOf(signal)]);
}

function endOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

/** SES requires Punycode for domains outside ASCII ("Destination" of the SES API v2). */
function withAsciiDomain(address: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}@${domainToASCII(address.slice(at + 1))}`;
}
