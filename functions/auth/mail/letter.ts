/** A message to one person, as plain text and as HTML. */
export interface Mail {
  /** The bare address, without a name. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The content of a message. All messages share one layout. */
export interface Letter {
  readonly to: string;
  /** Null for a greeting without a name. */
  readonly name: string | null;
  readonly subject: string;
  /** One or two sentences before the link. */
  readonly opening: string;
  /** The text of the link. */
  readonly action: string;
  readonly link: string;
  /** After the link: how long it works, and what to do if the reader did not request it. */
  readonly closing: string;
}

/** Formats a letter as plain text and as HTML. The name and the link come from outside, so the HTML escapes them. */
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
