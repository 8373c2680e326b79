import { sendMail } from '../../../functions/auth/mail/send-mail.ts';
import { type AwsRequest, useAwsStandIn } from '../../support/aws/stand-in.ts';

let requests: AwsRequest[];
let refusal: string | null;
let isSilent: boolean;

useAwsStandIn('AWS_ENDPOINT_URL_SESV2', (request) => {
  requests.push(request);
  if (isSilent) return null;
  if (refusal === null) return { body: { MessageId: '1' } };
  return { status: 400, headers: { 'x-amzn-ErrorType': refusal }, body: { message: 'no' } };
});
beforeAll(() => {
  process.env['MAIL_FROM'] = 'no-reply@lectern.example';
});
beforeEach(() => {
  requests = [];
  refusal = null;
  isSilent = false;
});

const mail = { to: 'ada@example.com', subject: 'Grüße', text: 'Text', html: '<p>Text</p>' };

describe('sending mail', () => {
  it('is one signed SendEmail request with text and HTML in UTF-8', async () => {
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

  it('encodes a non-ASCII domain as Punycode, as SES requires', async () => {
    await sendMail({ ...mail, to: 'ada@bücher.example' });
    expect(requests[0]?.body).toMatchObject({ Destination: { ToAddresses: ['ada@xn--bcher-kva.example'] } });
  });

  it('fails without a retry when SES rejects the mail', async () => {
    refusal = 'MessageRejected';
    await expect(sendMail(mail)).rejects.toThrow();
    expect(requests).toHaveLength(1);
  });

  it('times out when SES does not answer', async () => {
    isSilent = true;
    await expect(sendMail(mail)).rejects.toMatchObject({ name: expect.stringMatching(/^(Timeout|Abort)Error$/) });
  });
});
