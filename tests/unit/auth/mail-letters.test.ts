import { passwordResetMail, verificationMail } from '../../../functions/auth/mail/letters.ts';

beforeAll(() => {
  process.env['APP_URL'] = 'https://app.example.com';
});

const addressed = { to: 'ada@example.com', name: 'Ada', token: 'abc_123' };

describe.each([
  ['verification', verificationMail, 'https://app.example.com/verify-email#token=abc_123'],
  ['password reset', passwordResetMail, 'https://app.example.com/reset-password#token=abc_123'],
])('the %s mail', (_, letter, link) => {
  it('greets by name and contains the link in both forms, with the token in the fragment', () => {
    const mail = letter(addressed);
    expect(mail).toMatchObject({ to: 'ada@example.com', subject: expect.stringMatching(/\w/) });
    expect(mail.text).toContain('Hello Ada,');
    expect(mail.text.split('\n')).toContain(link);
    expect(mail.html).toContain(`<a href="${link}">`);
  });

  it('greets without a name while the address is not verified', () => {
    const mail = letter({ ...addressed, name: null });
    expect(mail.text).toMatch(/^Hello,\n/);
    expect(mail.html).toContain('<p>Hello,</p>');
  });

  it('escapes HTML in a name', () => {
    const { text, html } = letter({ ...addressed, name: '<img src=x onerror="alert(1)"> & \'Co\'' });
    expect(html).toContain('Hello &lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; &#39;Co&#39;,');
    expect(html).not.toContain('<img');
    expect(text).toContain('Hello <img src=x onerror="alert(1)"> & \'Co\',');
  });
});
