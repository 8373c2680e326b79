import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { emlOf, type Message } from './eml.ts';

export interface OutboxOptions {
  readonly folder: string;
  /** Told, in a line for people, of each message and the link in it. */
  readonly report: (message: string) => void;
  readonly now?: () => Date;
}

/** Where messages land on this machine: each a file that mail programs open, and its link in the terminal. */
export function createOutbox({ folder, report, now = () => new Date() }: OutboxOptions) {
  return async (message: Message): Promise<void> => {
    const posting = { id: randomUUID(), date: now() };
    const file = path.join(folder, `${posting.date.toISOString().replaceAll(':', '-')}-${posting.id.slice(0, 8)}.eml`);
    await mkdir(folder, { recursive: true });
    // It may hold a link that opens an account.
    await writeFile(file, emlOf(message, posting), { mode: 0o600 });
    const [link = `see ${file}`] = /https?:\/\/\S+/.exec(message.text) ?? [];
    report(`Mail to ${message.to.join(', ')}: ${message.subject}\n  ${link}`);
  };
}
