import { parsePort } from '../../../local/mongo/data-folder.ts';
import { complaintsIn } from '../../../local/mongo/embedded.ts';
import { hasTransactions } from '../../../local/mongo/external.ts';
import { judgeHolder } from '../../../local/mongo/holder.ts';
import { findProcess } from '../../../local/mongo/process-table.ts';
import { withDatabase, withoutPassword } from '../../../tools/platform/mongo-uri.ts';

describe('who holds a data folder', () => {
  const dbPath = '/home/ann/lectern/.data/mongo/db';
  const ours = `/cache/mongod --dbpath ${dbPath} --replSet lectern --port 27100`;
  const running = (command: string) => ({ pid: 77, parent: 76, command });

  it('nobody, when the lock names no process or one that is no more', () => {
    expect(judgeHolder({ dbPath, named: undefined, owner: undefined })).toEqual({ kind: 'nobody' });
  });

  it('nobody, when the process that the lock names is something else by now', () => {
    expect(judgeHolder({ dbPath, named: running('vim notes.txt'), owner: undefined })).toEqual({ kind: 'nobody' });
  });

  it('nobody, when it is our mongod of another folder', () => {
    const named = running(ours.replace(dbPath, `${dbPath}-2`));
    expect(judgeHolder({ dbPath, named, owner: 5 })).toEqual({ kind: 'nobody' });
  });

  it('the process that started it, while that lives', () => {
    expect(judgeHolder({ dbPath, named: running(ours), owner: 5 })).toEqual({ kind: 'in-use', pid: 77, owner: 5 });
  });

  it('an orphan, when that process is gone', () => {
    expect(judgeHolder({ dbPath, named: running(ours), owner: undefined })).toEqual({ kind: 'orphan', pid: 77 });
  });

  it('somebody else, when the mongod was not started as ours are', () => {
    const named = running(`mongod --dbpath ${dbPath}`);
    expect(judgeHolder({ dbPath, named, owner: undefined })).toEqual({ kind: 'foreign', pid: 77 });
  });
});

describe('the process table', () => {
  it('tells the parent and the command line', async () => {
    const entry = await findProcess(process.pid);
    expect(entry).toMatchObject({ pid: process.pid, parent: process.ppid });
    expect(entry?.command).toContain('node');
  });

  it('does not find a process that is no more', async () => {
    expect(await findProcess(2 ** 30)).toBeUndefined();
  });
});

describe('the remembered port', () => {
  it('is read back', () => expect(parsePort('{"port":27100}\n')).toBe(27_100));

  it.each(['', '{', '{"port":0}', '{"port":70000}', '{"port":"27100"}'])('is forgotten when damaged: %s', (text) => {
    expect(parsePort(text)).toBeUndefined();
  });
});

describe('the log of a mongod that failed', () => {
  const info = '{"s":"I", "msg":"going on"}';
  const error = '{"s":"E", "msg":"Error setting up listener"}';

  it('is summed up by its first errors', () => {
    expect(complaintsIn([info, error, info].join('\n'))).toEqual([`  ${error}`]);
  });

  it('is summed up by its end when it tells of none', () => {
    expect(complaintsIn(['a', 'b', 'c', 'd'].join('\n'))).toEqual(['  b', '  c', '  d']);
  });
});

describe('a MONGODB_URI', () => {
  it('has transactions as a replica set or a sharded cluster, not as a lone server', () => {
    expect(hasTransactions({ setName: 'rs0' })).toBe(true);
    expect(hasTransactions({ msg: 'isdbgrid' })).toBe(true);
    expect(hasTransactions({ isWritablePrimary: true })).toBe(false);
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
  ])('takes a database into its path and looks users up where it did: %s', (uri, expected) => {
    expect(withDatabase(uri, 'tests')).toBe(expected);
  });

  it('is refused when it is none', () => {
    expect(() => withDatabase('https://a.example', 'tests')).toThrow('starts with mongodb://');
  });
});
