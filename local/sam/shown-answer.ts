import type { Answer } from '../gateway/response/answer.ts';

/** Formats an answer for people: status, headers, an empty line, and the body, indented if it is JSON. */
export function shownAnswer({ status, headers, body }: Answer): string {
  const head = [String(status), ...headers.map(([name, value]) => `${name}: ${value}`)];
  return [...head, '', indented(body.toString())].join('\n');
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // A feed, or nothing: shown as it is.
    return text;
  }
}
