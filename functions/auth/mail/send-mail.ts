import { logger } from '../../../shared/logger.ts';
import type { Mail } from './mail.ts';

/** Sends through Amazon SES, whose client is a chunk of its own: a function that sends nothing never loads it. */
export async function sendMail(mail: Mail): Promise<void> {
  const { sendThroughSes } = await import('./ses.ts');
  await sendThroughSes(mail);
}

/**
 * Sends a mail that a request does not depend on: that it could not be sent is noted, and the request goes on.
 * @param kind what the mail is, for the log, which must not say to whom it was.
 */
export async function sendMailIfPossible(kind: string, mail: Mail): Promise<void> {
  try {
    await sendMail(mail);
  } catch (error) {
    // Its name alone: messages of SES quote addresses.
    logger().error('Mail not sent', { kind, reason: error instanceof Error ? error.name : typeof error });
  }
}
