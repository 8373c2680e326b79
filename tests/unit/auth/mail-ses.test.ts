import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendMail } from '../../../functions/auth/mail/send-mail.ts';

/** A stand-in for Amazon SES: keeps what it is sent and can be made to refuse it. */
let ses: Server;
let requests: { readonly line: string; readonly headers: IncomingHttpHeaders; readonly body: unknown }[];
let refusal: string | null;
let isSilent: boolean;

beforeAll(async () => {
  ses = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, url, headers } = request;
    requests.push({ line: `${method} ${url}`, headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
    if (isSilent) return;
    response.writeHead(refusal === null ? 200 : 400, {
      'Content-Type': 'application/json',
      ...(refusal !== null && { 'x-amzn-ErrorType': refusal }),
    });
    response.end(JSON.stringify(refusal === null ? { MessageId: '1' } : { message: 'no' }));
  });
  await new Promise<void>((done) => ses.listen(0, '127.0.0.1', done));
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_SESV2: `http://127.0.0.1:${(ses.address() as AddressInfo).port}`,
    MAIL_FROM: 'no-reply@lectern.example',
  });
});
afterAll(() => {
  ses.closeAllConnections();
  ses.close();
});
beforeEach(() => {
  requests = [];
  refusal = null;
  isSilent = false;
});

const mail = { to: 'ada@example.com', subject: 'Grüße', text: 'Text', html: '<p>Text</p>' };

describe('sending a mail', () => {
  it('is one signed SendEmail with both forms in UTF-8', async () => {
    await sendMail(mail);
    expect(requests).toHaveLength(1);
    expect(requests[0]?.line).toBe('POST /v2/email/outbound-emails');
    expect(requests[0]?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=test\/\d{8}\/eu-west-1\/ses\//);
    expect(requests[0]?.body).toEqual({
      FromEmailAddress: 'Lectern <no-reply@lectern.example>',
      Destination: { ToAddresses: ['ada@example.com'] },
      Content: {
        Simple: {
          Subject: { Data: 'Grüße', Charset: 'UTF-8' },
          Body: { Text: { Data: 'Text', Charset: 'UTF-8' }, Html: { Data: '<p>Text</p>', Charset: 'UTF-8' } },
        },
      },
    });
  });

  it('writes a domain of other letters as SES wants it', async () => {
    await sendMail({ ...mail, to: 'ada@bücher.example' });
    expect(requests[0]?.body).toMatchObject({ Destination: { ToAddresses: ['ada@xn--bcher-kva.example'] } });
  });

  it('fails when SES refuses, without a second try', async () => {
    refusal = 'MessageRejected';
    await expect(sendMail(mail)).rejects.toThrow();
    expect(requests).toHaveLength(1);
  });

  it('is given up when SES does not answer', async () => {
    isSilent = true;
    await expect(sendMail(mail)).rejects.toMatchObject({ name: expect.stringMatching(/^(Timeout|Abort)Error$/) });
  });
});
