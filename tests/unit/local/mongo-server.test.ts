import { parseLastPort } from '../../../local/mongo/data-folder.ts';
import { errorsInLog } from '../../../local/mongo/embedded.ts';
import { supportsTransactions } from '../../../local/mongo/external.ts';
import { identifyHolder } from '../../../local/mongo/holder.ts';
import { findProcess } from '../../../local/mongo/process-table.ts';
import { withDatabase, withoutPassword } from '../../../tools/platform/mongo-uri.ts';

describe('the holder of a data folder', () => {
  const dbPath = '/home/ann/lectern/.data/mongo/db';
  const ours = `/cache/mongod --dbpath ${dbPath} --replSet lectern --port 27100`;
  const running = (command: string) => ({ pid: 77, parent: 76, command });

  it('is nobody if the lock names no running process', () => {
    expect(identifyHolder({ dbPath, lockHolder: undefined, owner: undefined })).toEqual({ kind: 'nobody' });
  });

  it('is nobody if the lock names another program', () => {
    expect(identifyHolder({ dbPath, lockHolder: running('vim notes.txt'), owner: undefined })).toEqual({
      kind: 'nobody',
    });
  });

  it('is nobody if the lock names our mongod on another folder', () => {
    const lockHolder = running(ours.replace(dbPath, `${dbPath}-2`));
    expect(identifyHolder({ dbPath, lockHolder, owner: 5 })).toEqual({ kind: 'nobody' });
  });

  it('is the process that started our mongod, while it lives', () => {
    expect(identifyHolder({ dbPath, lockHolder: running(ours), owner: 5 })).toEqual({
      kind: 'in-use',
      pid: 77,
      owner: 5,
    });
  });

  it('is an orphan if the process that started our mongod is gone', () => {
    expect(identifyHolder({ dbPath, lockHolder: running(ours), owner: undefined })).toEqual({
      kind: 'orphan',
      pid: 77,
    });
  });

  it('is foreign if we did not start the mongod', () => {
    const lockHolder = running(`mongod --dbpath ${dbPath}`);
    expect(identifyHolder({ dbPath, lockHolder, owner: undefined })).toEqual({ kind: 'foreign', pid: 77 });
  });
});

describe('the process table', () => {
  it('returns the parent and the command line', async () => {
    const entry = await findProcess(process.pid);
    expect(entry).toMatchObject({ pid: process.pid, parent: process.ppid });
    expect(entry?.command).toContain('node');
  });

  it('does not return a process that has ended', async () => {
    expect(await findProcess(2 ** 30)).toBeUndefined();
  });
});

describe('the last port', () => {
  it('is parsed', () => expect(parseLastPort('{"port":27100}\n')).toBe(27_100));

  it.each(['', '{', '{"port":0}', '{"port":70000}', '{"port":"27100"}'])('is ignored if damaged: %s', (text) => {
    expect(parseLastPort(text)).toBeUndefined();
  });
});

describe('the errors in a mongod log', () => {
  const info = '{"s":"I", "msg":"going on"}';
  const error = '{"s":"E", "msg":"Error setting up listener"}';

  it('are its first errors', () => {
    expect(errorsInLog([info, error, info].join('\n'))).toEqual([`  ${error}`]);
  });

  it('are its last lines if it has no errors', () => {
    expect(errorsInLog(['a', 'b', 'c', 'd'].join('\n'))).toEqual(['  b', '  c', '  d']);
  });
});

describe('a MONGODB_URI', () => {
  it('supports transactions on a replica set or a sharded cluster, but not on a standalone server', () => {
    expect(supportsTransactions({ setName: 'rs0' })).toBe(true);
    expect(supportsTransactions({ msg: 'isdbgrid' })).toBe(true);
    expect(supportsTransactions({ isWritablePrimary: true })).toBe(false);
  });

  it('is shown without its password', () => {
    expect(withoutPassword('mongodb://ann:s%40cret@db.example:27017/?tls=true')).toBe(
      'mongodb://ann:***@db.example:27017/?tls=true',
    );
    expect(withoutPassword('mongodb+srv://ann:secret@db.example')).toBe('mongodb+srv://ann:***@db.example');
    expect(withoutPassword('mongodb://127.0.0.1:27017')).toBe('mongodb://127.0.0.1:27017');
  });

  it.each([
    ['mongodb://a:1', 'mongodb://a:1/tests'],
    ['mongodb://a:1/', 'mongodb://a:1/tests'],
    ['mongodb://a:1,b:2/other?replicaSet=rs0', 'mongodb://a:1,b:2/tests?replicaSet=rs0'],
    ['mongodb+srv://a.example/?tls=true', 'mongodb+srv://a.example/tests?tls=true'],
    ['mongodb://u:p@a:1/', 'mongodb://u:p@a:1/tests?authSource=admin'],
    ['mongodb://u:p@a:1/users?tls=true', 'mongodb://u:p@a:1/tests?tls=true&authSource=users'],
    ['mongodb://u:p@a:1/users?authSource=admin', 'mongodb://u:p@a:1/tests?authSource=admin'],
  ])('names another database, and still authenticates users against the same one: %s', (uri, expected) => {
    expect(withDatabase(uri, 'tests')).toBe(expected);
  });

  it('is rejected if it is not a connection string', () => {
    expect(() => withDatabase('https://a.example', 'tests')).toThrow('starts with mongodb://');
  });
});
