import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { formatEml, type Message } from './eml.ts';

export interface OutboxOptions {
  readonly folder: string;
  /** Called with a line for people about each message and its link. */
  readonly report: (message: string) => void;
  readonly now?: () => Date;
}

/** Receives local mail: a file for each message, which mail programs open, and its link in the terminal. */
export function createOutbox({ folder, report, now = () => new Date() }: OutboxOptions) {
  return async (message: Message): Promise<void> => {
    const identity = { id: randomUUID(), date: now() };
    const file = path.join(
      folder,
      `${identity.date.toISOString().replaceAll(':', '-')}-${identity.id.slice(0, 8)}.eml`,
    );
    await mkdir(folder, { recursive: true });
    // It may contain a link that gives access to an account.
    await writeFile(file, formatEml(message, identity), { mode: 0o600 });
    const [link = `see ${file}`] = /https?:\/\/\S+/.exec(message.text) ?? [];
    report(`Mail to ${message.to.join(', ')}: ${message.subject}\n  ${link}`);
  };
}
