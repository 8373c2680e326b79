import type { Mail } from './mail.ts';

/** What a message says; how it looks is the same for all. */
export interface Letter {
  readonly to: string;
  /** Null to greet nobody by name. */
  readonly name: string | null;
  readonly subject: string;
  /** Before the link, one sentence or two. */
  readonly opening: string;
  /** What the link does: the words on it. */
  readonly action: string;
  readonly link: string;
  /** After the link: until when it works, and what to do for whoever did not ask. */
  readonly closing: string;
}

/** Both forms of a letter. Its name and link come from outside, so the HTML has them escaped. */
export function mailOf({ to, name, subject, opening, action, link, closing }: Letter): Mail {
  const greeting = name === null ? 'Hello,' : `Hello ${name},`;
  const text = [greeting, opening, `${action}:\n${link}`, closing, 'Lectern'].join('\n\n');
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>
<body style="font-family: sans-serif; line-height: 1.5; max-width: 36em; margin: 2em auto; padding: 0 1em">
<p>${escapeHtml(greeting)}</p>
<p>${escapeHtml(opening)}</p>
<p><a href="${escapeHtml(link)}">${escapeHtml(action)}</a></p>
<p>${escapeHtml(closing)}</p>
<p>Lectern</p>
</body>
</html>
`;
  return { to, subject, text: `${text}\n`, html };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
