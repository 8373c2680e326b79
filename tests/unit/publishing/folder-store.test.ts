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
  it('has a file under its key, and tells of its bytes', async () => {
    const told: number[] = [];
    await folderStore(join(folder, 'store')).put(await fileOf('A clap.'), (bytes) => told.push(bytes));
    expect(await readFile(join(folder, 'store/courses/sound/a.txt'), 'utf8')).toBe('A clap.');
    expect(told).toEqual([7]);
  });

  it('takes a file of no bytes', async () => {
    await folderStore(join(folder, 'store')).put(await fileOf(''), () => undefined);
    expect(await readFile(join(folder, 'store/courses/sound/a.txt'), 'utf8')).toBe('');
  });

  it('takes the place of a file that is not whole', async () => {
    const file = await fileOf('A clap.');
    const store = folderStore(join(folder, 'store'));
    await store.put(file, () => undefined);
    await writeFile(join(folder, 'store', file.key), 'A c');
    await store.put(file, () => undefined);
    expect(await readFile(join(folder, 'store', file.key), 'utf8')).toBe('A clap.');
  });

  it('does not take a file that was changed since it was checked, and leaves nothing behind', async () => {
    const file = await fileOf('A clap.');
    await writeFile(file.path, 'A slap.');
    const store = folderStore(join(folder, 'store'));
    await expect(store.put(file, () => undefined)).rejects.toThrow(`${file.path} was changed while it was imported`);
    expect(await readdir(dirname(join(folder, 'store', file.key)))).toEqual([]);
  });

  it('does not take a file that is gone', async () => {
    const file = await fileOf('A clap.');
    await rm(file.path);
    const store = folderStore(join(folder, 'store'));
    await expect(store.put(file, () => undefined)).rejects.toThrow('was changed while it was imported');
  });

  it('says why nothing can be stored', async () => {
    const file = await fileOf('A clap.');
    await expect(folderStore(file.path).put(file, () => undefined)).rejects.toThrow(
      `Files cannot be stored in ${file.path}: it is not a folder`,
    );
  });
});
