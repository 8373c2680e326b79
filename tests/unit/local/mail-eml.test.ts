import { formatEml, type Message } from '../../../local/mail/eml.ts';

const message: Message = {
  from: 'Lectern <no-reply@example.com>',
  to: ['ada@example.com'],
  subject: 'Confirm your e-mail address',
  text: 'Hello Ada,\n\nhttps://app.example.com/verify-email#token=a=b\n',
  html: '<p>Hello Ada</p>\n',
};
const identity = { id: 'b2c1', date: new Date('2026-11-02T09:30:00.000Z') };

const eml = (change: Partial<Message> = {}) => formatEml({ ...message, ...change }, identity);

/** Parses the header fields, unfolded (RFC 5322 section 2.2.3). */
function headersOf(text: string): Record<string, string> {
  const [head = ''] = text.split('\r\n\r\n');
  const unfolded = head.replace(/\r\n[ \t]/g, ' ').split('\r\n');
  return Object.fromEntries(unfolded.map((line) => [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)]));
}

function decoded(text: string): string {
  return text
    .replace(/(\?=)\s+(=\?)/g, '$1$2')
    .replace(/=\?utf-8\?B\?([^?]*)\?=/g, (_, base64: string) => Buffer.from(base64, 'base64').toString());
}

describe('an .eml file', () => {
  it('has the headers that a mail program needs', () => {
    expect(headersOf(eml())).toEqual({
      From: 'Lectern <no-reply@example.com>',
      To: 'ada@example.com',
      Subject: 'Confirm your e-mail address',
      Date: 'Mon, 02 Nov 2026 09:30:00 +0000',
      'Message-ID': '<b2c1@lectern.local>',
      'MIME-Version': '1.0',
      'Content-Type': 'multipart/alternative; boundary="lectern-b2c1"',
    });
  });

  it('contains the plain text, then the HTML', () => {
    const [, text, html, end] = eml().split('--lectern-b2c1');
    expect(text).toBe(
      '\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n' +
        'Hello Ada,\r\n\r\nhttps://app.example.com/verify-email#token=a=b\r\n\r\n',
    );
    expect(html).toContain('text/html');
    expect(end).toBe('--\r\n');
  });

  it('ends every line with CRLF', () => {
    expect(eml({ text: 'a\rb\nc\r\nd' }).replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  it.each(['Grüße', '確認してください'.repeat(20), '👩‍🏫'.repeat(30), '=?utf-8?B?aGk=?='])(
    'encodes the subject %s in words of at most 75 characters that decode to it',
    (subject) => {
      const text = eml({ subject });
      expect(decoded(String(headersOf(text)['Subject']))).toBe(subject);
      const words = text.match(/=\?utf-8\?B\?[^?]*\?=/g) ?? [];
      expect(words.length).toBeGreaterThan(0);
      for (const word of words) {
        expect(word.length).toBeLessThanOrEqual(75);
        expect(decoded(word)).not.toContain('\ufffd');
      }
      expect(text.split('\r\n').every((line) => Buffer.byteLength(line) <= 998)).toBe(true);
    },
  );

  it('encodes the name of a sender, but not the address', () => {
    const { From: from } = headersOf(eml({ from: 'Bücher <no-reply@example.com>' }));
    expect(from).toMatch(/^=\?utf-8\?B\?[^?]+\?= <no-reply@example\.com>$/);
  });

  it('does not let a line break in a subject or an address add a header', () => {
    const text = eml({ subject: 'Hi\r\nBcc: eve@example.com', to: ['ada@example.com\r\nBcc: eve@example.com'] });
    expect(headersOf(text)).not.toHaveProperty('Bcc');
  });

  it('encodes a body in base64 if a line is too long', () => {
    const [, part = ''] = eml({ text: 'ü'.repeat(600) }).split('--lectern-b2c1');
    const [head, body = ''] = part.split('\r\n\r\n');
    expect(head).toContain('base64');
    expect(Buffer.from(body, 'base64').toString()).toBe('ü'.repeat(600));
  });
});
