/** A message as sent. */
export interface Message {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What distinguishes a message from the same one sent again. */
export interface MessageIdentity {
  readonly id: string;
  readonly date: Date;
}

const CRLF = '\r\n';

/** Longest line of a message, in bytes without its end (RFC 5322 section 2.1.1). */
const MAX_LINE_BYTES = 998;

/**
 * Formats a message by RFC 5322 and MIME, for any mail program. Bodies stay readable (8bit), unless a line is too long
 * for that.
 */
export function formatEml({ from, to, subject, text, html }: Message, { id, date }: MessageIdentity): string {
  const boundary = `lectern-${id}`;
  return [
    `From: ${mailbox(from)}`,
    `To: ${to.map(mailbox).join(`,${CRLF} `)}`,
    `Subject: ${headerText(subject)}`,
    `Date: ${date.toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${id}@lectern.local>`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    '',
    // The richest form last (RFC 2046 section 5.1.4).
    ...part(boundary, 'text/plain', text),
    ...part(boundary, 'text/html', html),
    `--${boundary}--`,
    '',
  ].join(CRLF);
}

function part(boundary: string, type: string, content: string): string[] {
  const lines = content.split(/\r\n|\r|\n/);
  const isShort = lines.every((line) => Buffer.byteLength(line) <= MAX_LINE_BYTES);
  return [
    `--${boundary}`,
    `Content-Type: ${type}; charset=utf-8`,
    `Content-Transfer-Encoding: ${isShort ? '8bit' : 'base64'}`,
    '',
    ...(isShort
      ? lines
      : (Buffer.from(lines.join(CRLF))
          .toString('base64')
          .match(/.{1,76}/g) ?? [])),
  ];
}

/** `Name <address>` or an address. A name outside ASCII is encoded. */
function mailbox(text: string): string {
  const [, name, address] = /^(.*)<([^<>]*)>$/s.exec(text) ?? [];
  if (name === undefined || address === undefined) return withoutControls(text);
  return `${headerText(name.trim())} <${withoutControls(address)}>`;
}

/** Formats text in a header: short ASCII as it is, anything else as encoded words of whole characters (RFC 2047). */
function headerText(text: string): string {
  if (/^[\x20-\x7e]{0,200}$/.test(text) && !text.includes('=?')) return text;
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    // 45 bytes are 60 of base64. With `=?utf-8?B?` and `?=` that is less than the allowed 75.
    if (Buffer.byteLength(word + character) > 45) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((part) => `=?utf-8?B?${Buffer.from(part).toString('base64')}?=`).join(`${CRLF} `);
}

/** Line breaks would end the header early. */
function withoutControls(text: string): string {
  return text.replace(/\p{Cc}/gu, '');
}
