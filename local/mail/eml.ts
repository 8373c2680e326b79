/** A message as it was sent. */
export interface Message {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What makes one message differ from the same message sent again. */
export interface Posting {
  readonly id: string;
  readonly date: Date;
}

const CRLF = '\r\n';

/** Longest line of a message, in bytes without its end (RFC 5322 section 2.1.1). */
const MAX_LINE_BYTES = 998;

/**
 * A message in the form of RFC 5322 and MIME, which any mail program opens. Bodies stay readable (8bit), unless a line is
 * too long for that.
 */
export function emlOf({ from, to, subject, text, html }: Message, { id, date }: Posting): string {
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

/** `Name <address>` or an address; a name in other letters is encoded. */
function mailbox(text: string): string {
  const [, name, address] = /^(.*)<([^<>]*)>$/s.exec(text) ?? [];
  if (name === undefined || address === undefined) return withoutControls(text);
  return `${headerText(name.trim())} <${withoutControls(address)}>`;
}

/** Text in a header: as it is when that is short ASCII, else as encoded words of whole characters (RFC 2047). */
function headerText(text: string): string {
  if (/^[\x20-\x7e]{0,200}$/.test(text) && !text.includes('=?')) return text;
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    // 45 bytes are 60 of base64: with `=?utf-8?B?` and `?=` fewer than the 75 that are allowed.
    if (Buffer.byteLength(word + character) > 45) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((part) => `=?utf-8?B?${Buffer.from(part).toString('base64')}?=`).join(`${CRLF} `);
}

/** No header ends early. */
function withoutControls(text: string): string {
  return text.replace(/\p{Cc}/gu, '');
}
