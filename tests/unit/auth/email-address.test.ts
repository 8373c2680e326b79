import { parseEmail } from '../../../functions/auth/user/email-address.ts';

describe('an e-mail address', () => {
  it.each([
    ['ada@example.com', 'ada@example.com'],
    ['Ada.Moore+lectern@Example.COM', 'ada.moore+lectern@example.com'],
    ['  ada@example.com ', 'ada@example.com'],
    ['ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'ada@example.com'],
    ['\u212aate@example.com', 'kate@example.com'],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
    ['ada@bu\u0308cher.example', 'ada@xn--bcher-kva.example'],
    ['ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['ada@例え.テスト', 'ada@xn--r8jz45g.xn--zckzah'],
    ["o'neill!#$%&*/=?^_`{|}~-@example.com", "o'neill!#$%&*/=?^_`{|}~-@example.com"],
    [`${'x'.repeat(64)}@example.com`, `${'x'.repeat(64)}@example.com`],
  ])('%p identifies the account %s', (text, emailKey) => {
    expect(parseEmail(text).emailKey).toBe(emailKey);
  });

  it('keeps its case for display', () => {
    expect(parseEmail(' Ada@Example.com')).toEqual({ email: 'Ada@Example.com', emailKey: 'ada@example.com' });
  });

  it('has an ASCII domain, so that mail can be sent to it', () => {
    expect(parseEmail('Ada@bücher.example').email).toBe('Ada@xn--bcher-kva.example');
  });

  it('with a look-alike domain identifies another account', () => {
    expect(parseEmail('ada@ex\u0430mple.com').emailKey).toBe('ada@xn--exmple-4nf.com');
  });

  it.each([
    ['a look-alike letter before the @', '\u0430da@example.com'],
    ['an accent before the @', 'adá@example.com'],
    ['a display name', 'Ada <ada@example.com>'],
    ['angle brackets', '<ada@example.com>'],
    ['a comment', 'ada(home)@example.com'],
    ['quotes', '"ada moore"@example.com'],
    ['a space', 'ada moore@example.com'],
    ['a space after the @', 'ada@ example.com'],
    ['a NUL', 'ada@example.com\0'],
    ['a NUL inside', 'a\0da@example.com'],
    ['a line break', 'ada@example.com\nBcc: eve@example.com'],
    ['a zero-width space', 'ada\u200b@example.com'],
    ['two addresses', 'ada@example.com,eve@example.com'],
    ['two @', 'ada@eve@example.com'],
    ['no @', 'ada.example.com'],
    ['nothing before the @', '@example.com'],
    ['nothing after the @', 'ada@'],
    ['a domain of one label', 'ada@localhost'],
    ['an IP address', 'ada@127.0.0.1'],
    ['an IP address in brackets', 'ada@[127.0.0.1]'],
    ['an IP address in hexadecimal', 'ada@0x7f.1'],
    ['a port', 'ada@example.com:25'],
    ['a path', 'ada@example.com/x'],
    ['a percent sign', 'ada@ex%61mple.com'],
    ['an empty label', 'ada@example..com'],
    ['a dot at the end', 'ada@example.com.'],
    ['a dot at the start', '.ada@example.com'],
    ['two dots', 'ada..moore@example.com'],
    ['a hyphen at the end of a label', 'ada@example-.com'],
    ['a local part of 65 characters', `${'x'.repeat(65)}@example.com`],
    ['a label of 64 characters', `ada@${'x'.repeat(64)}.com`],
    ['255 characters', `ada@${'x'.repeat(61)}.${'x'.repeat(61)}.${'x'.repeat(61)}.${'x'.repeat(61)}.com`],
  ])('is rejected with %s', (_, text) => {
    expect(() => parseEmail(text)).toThrow(
      expect.objectContaining({
        code: 'invalid-request',
        options: expect.objectContaining({ errors: [expect.objectContaining({ in: 'body', pointer: '/email' })] }),
      }),
    );
  });
});
