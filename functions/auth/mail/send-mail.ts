import { logger } from '../../../shared/logger.ts';
import { count } from '../../../shared/telemetry/business-metrics.ts';
import type { Mail } from './letter.ts';

/** Sends a mail through Amazon SES. What it needs is a chunk of its own, which loads with the first mail. */
export async function sendMail(mail: Mail): Promise<void> {
  const { sendThroughSes } = await import('./ses.ts');
  await sendThroughSes(mail);
  count('MailsSent');
}

/**
 * Sends a mail that the request does not depend on. A failure is logged, and the request continues.
 * @param kind names the mail in the log, which must not name the recipient
 */
export async function sendMailIfPossible(kind: string, mail: Mail): Promise<void> {
  try {
    await sendMail(mail);
  } catch (error) {
    // Only the name: SES quotes addresses in its messages.
    logger().error('Mail not sent', { kind, reason: error instanceof Error ? error.name : typeof error });
  }
}
