import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { digestFile } from '../../../publishing/files/file-digest.ts';
import { folderStore } from '../../../publishing/store/folder-store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-store-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function fileOf(content: string) {
  const path = join(folder, 'source.txt');
  await writeFile(path, content);
  return { path, key: 'courses/sound/a.txt', contentType: 'text/plain', ...(await digestFile(path)) };
}

describe('a media store in a folder', () => {
  it('stores a file under its key, and reports its bytes', async () => {
    const told: number[] = [];
    await folderStore(join(folder, 'store')).put(await fileOf('A clap.'), (bytes) => told.push(bytes));
    expect(await readFile(join(folder, 'store/courses/sound/a.txt'), 'utf8')).toBe('A clap.');
    expect(told).toEqual([7]);
  });

  it('stores an empty file', async () => {
    await folderStore(join(folder, 'store')).put(await fileOf(''), () => undefined);
    expect(await readFile(join(folder, 'store/courses/sound/a.txt'), 'utf8')).toBe('');
  });

  it('replaces an incomplete file', async () => {
    const file = await fileOf('A clap.');
    const store = folderStore(join(folder, 'store'));
    await store.put(file, () => undefined);
    await writeFile(join(folder, 'store', file.key), 'A c');
    await store.put(file, () => undefined);
    expect(await readFile(join(folder, 'store', file.key), 'utf8')).toBe('A clap.');
  });

  it('refuses a file that changed after it was checked, and leaves nothing behind', async () => {
    const file = await fileOf('A clap.');
    await writeFile(file.path, 'A slap.');
    const store = folderStore(join(folder, 'store'));
    await expect(store.put(file, () => undefined)).rejects.toThrow(`${file.path} changed during the import`);
    expect(await readdir(dirname(join(folder, 'store', file.key)))).toEqual([]);
  });

  it('refuses a file that no longer exists', async () => {
    const file = await fileOf('A clap.');
    await rm(file.path);
    const store = folderStore(join(folder, 'store'));
    await expect(store.put(file, () => undefined)).rejects.toThrow('changed during the import');
  });

  it('explains why it cannot store files', async () => {
    const file = await fileOf('A clap.');
    await expect(folderStore(file.path).put(file, () => undefined)).rejects.toThrow(
      `Cannot store files in ${file.path}: it is not a folder`,
    );
  });
});
