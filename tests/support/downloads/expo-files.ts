import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/* The classes of expo-file-system, as its documentation describes them, on the disk of this machine. */

class Entry {
  protected readonly path: string;

  constructor(...parts: (Entry | string)[]) {
    this.path = path.join(...parts.map((part) => (typeof part === 'string' ? part : part.path)));
  }
  get uri(): string {
    return pathToFileURL(this.path).href;
  }
  get name(): string {
    return path.basename(this.path);
  }
  get exists(): boolean {
    return existsSync(this.path);
  }
  delete(): void {
    rmSync(this.path);
  }
}

export class File extends Entry {
  get size(): number {
    return this.exists ? statSync(this.path).size : 0;
  }
  create({ intermediates = false }: { readonly intermediates?: boolean } = {}): void {
    if (intermediates) mkdirSync(path.dirname(this.path), { recursive: true });
    writeFileSync(this.path, '', { flag: 'wx' });
  }
  text(): Promise<string> {
    return readFile(this.path, 'utf8');
  }
  open() {
    const descriptor = openSync(this.path, 'r+');
    return {
      offset: 0 as number | null,
      writeBytes(bytes: Uint8Array): void {
        writeSync(descriptor, bytes, 0, bytes.length, this.offset);
        this.offset = (this.offset ?? 0) + bytes.length;
      },
      close: () => closeSync(descriptor),
    };
  }
}

export class Directory extends Entry {
  list(): (File | Directory)[] {
    const entries = readdirSync(this.path, { withFileTypes: true });
    return entries.map((entry) => new (entry.isDirectory() ? Directory : File)(this.path, entry.name));
  }
}
