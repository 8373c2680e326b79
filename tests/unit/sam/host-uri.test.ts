import { findLoopbackServer, withServer } from '../../../local/sam/container/host-uri.ts';

describe('the server of a connection string', () => {
  it.each([
    ['mongodb://127.0.0.1:27100/lectern?replicaSet=lectern', { host: '127.0.0.1', port: 27100 }],
    ['mongodb://localhost', { host: 'localhost', port: 27017 }],
    ['mongodb://ann:p%40ss@127.0.0.2:1/x', { host: '127.0.0.2', port: 1 }],
    ['mongodb://[::1]:27100/', { host: '::1', port: 27100 }],
  ])('is on this machine: %s', (uri, server) => {
    expect(findLoopbackServer(uri)).toEqual(server);
  });

  it.each([
    'mongodb+srv://ann:secret@cluster0.example.net/lectern',
    'mongodb://db.example.com:27017/lectern',
    'mongodb://localhost.example.com/lectern',
    'mongodb://a.example.com,b.example.com/lectern?replicaSet=rs',
  ])('is elsewhere, where containers can reach it: %s', (uri) => {
    expect(findLoopbackServer(uri)).toBeNull();
  });

  it('must be the only one if it is on this machine', () => {
    expect(() => findLoopbackServer('mongodb://localhost:1,localhost:2/lectern')).toThrow('name the primary alone');
  });
});

describe('a connection string for containers', () => {
  const server = { host: '172.17.0.1', port: 40001 };

  it('keeps the user, database and options, but does not ask for the members of the replica set', () => {
    expect(withServer('mongodb://ann:p%40ss@127.0.0.1:27100/lectern?replicaSet=lectern&authSource=admin', server)).toBe(
      'mongodb://ann:p%40ss@172.17.0.1:40001/lectern?authSource=admin&directConnection=true',
    );
  });

  it('can lack the database and options', () => {
    expect(withServer('mongodb://localhost', server)).toBe('mongodb://172.17.0.1:40001/?directConnection=true');
  });
});
