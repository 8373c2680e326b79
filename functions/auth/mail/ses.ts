import { domainToASCII } from 'node:url';
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { mailFrom } from '../../../shared/config.ts';
import type { Mail } from './mail.ts';

/**
 * How long a message may take to be taken over, in milliseconds, tries and all. Shorter than the RESET_ANSWER_SECONDS of
 * template.yaml, since the answer to a reset must not tell by its time whether there was a mail to send.
 */
const DEADLINE_MS = 1500;

let client: SESv2Client | undefined;

/**
 * Has Amazon SES deliver a message; it makes the MIME of it ("SendEmail" of the SES API v2, simple content).
 * @throws Error when SES does not take it in time, or at all.
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
  // The client heeds the signal in its request, but not while it looks for credentials.
  await Promise.race([sending, endOf(signal)]);
}

function endOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

/** SES wants a domain of other letters as Punycode ("Destination" of the SES API v2). */
function withAsciiDomain(address: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}@${domainToASCII(address.slice(at + 1))}`;
}
