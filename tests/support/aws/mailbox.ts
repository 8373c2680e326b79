import type { Message } from '../../../local/mail/eml.ts';
import { type LocalSes, startSes } from '../../../local/mail/ses.ts';

/** The mail that functions send in a test file. */
export interface Mailbox {
  /** The mails to an address, in order. */
  mailsTo(address: string): readonly Message[];
  /** The token in the link of the last mail to an address. */
  lastToken(address: string): string;
  /** While true, mails are refused, as when Amazon SES is down. */
  refuse(refusing: boolean): void;
}

/**
 * Receives all mail that functions send in this test file, by the API of Amazon SES. Call it once, at the top of the
 * file.
 */
export function useMailbox(): Mailbox {
  let ses: LocalSes;
  let isRefusing = false;
  const mails: Message[] = [];

  beforeAll(async () => {
    ses = await startSes(async (message) => {
      if (isRefusing) throw new Error(`${message.to.join()} is not wanted`);
      mails.push(message);
    });
    Object.assign(process.env, ses.environment, {
      AWS_REGION: 'eu-west-1',
      APP_URL: 'https://app.example.com',
      MAIL_FROM: 'no-reply@example.com',
      RESET_ANSWER_SECONDS: '0',
    });
  });
  afterAll(() => ses.close());

  const mailsTo = (address: string) => mails.filter(({ to }) => to.includes(address));
  return {
    mailsTo,
    lastToken(address) {
      const token = /#token=(\S+)/.exec(mailsTo(address).at(-1)?.text ?? '')?.[1];
      if (token === undefined) throw new Error(`There is no link in the mail of ${address}`);
      return token;
    },
    refuse(refusing) {
      isRefusing = refusing;
    },
  };
}
