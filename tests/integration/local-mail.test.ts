import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { verificationMail } from '../../functions/auth/mail/letters.ts';
import { sendMail } from '../../functions/auth/mail/send-mail.ts';
import { createOutbox } from '../../local/mail/outbox.ts';
import { type LocalSes, startSes } from '../../local/mail/ses.ts';

let folder: string;
let ses: LocalSes;
let reported: string[];
beforeAll(async () => {
  folder = path.join(await mkdtemp(path.join(os.tmpdir(), 'lectern-outbox-')), 'outbox');
  reported = [];
  ses = await startSes(createOutbox({ folder, report: (line) => void reported.push(line) }));
  Object.assign(process.env, ses.environment, {
    AWS_REGION: 'eu-west-1',
    APP_URL: 'https://app.example.com',
    MAIL_FROM: 'no-reply@example.com',
  });
});
afterAll(async () => {
  await ses.close();
  await rm(path.dirname(folder), { recursive: true });
});

describe('local mail', () => {
  it('is written to a file that only its owner can read, and its link is reported', async () => {
    await sendMail(verificationMail({ to: 'ada@example.com', name: 'Ada', token: 'abc' }));

    const [file = '', ...others] = await readdir(folder);
    expect(others).toEqual([]);
    expect(file).toMatch(/^[\w.-]+\.eml$/);
    expect((await stat(path.join(folder, file))).mode & 0o777).toBe(0o600);
    const eml = await readFile(path.join(folder, file), 'utf8');
    expect(eml).toContain('To: ada@example.com\r\n');
    expect(eml).toContain('\r\nhttps://app.example.com/verify-email#token=abc\r\n');
    expect(reported).toEqual([
      'Mail to ada@example.com: Confirm your e-mail address\n  https://app.example.com/verify-email#token=abc',
    ]);
  });

  it('fails with an SES error if the file cannot be written', async () => {
    const failing = await startSes(() => Promise.reject(new Error('disk full')));
    try {
      const url = `${failing.environment['AWS_ENDPOINT_URL_SESV2']}/v2/email/outbound-emails`;
      expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(400);
    } finally {
      await failing.close();
    }
  });
});
