/**
 * Puts a database's name in the path of a connection string, which is no URL when it names several hosts. Users are still
 * looked up where they were before, since that depends on the path too.
 *
 * @throws Error when it is no connection string.
 */
export function withDatabase(uri: string, name: string): string {
  const [, server, path = '', query = ''] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?([^?]*)\??(.*)$/.exec(uri) ?? [];
  if (server === undefined) throw new Error('a MongoDB connection string begins with mongodb:// or mongodb+srv://');

  const options = query === '' ? [] : query.split('&');
  if (server.includes('@') && !/\bauthSource=/i.test(query)) options.push(`authSource=${path || 'admin'}`);
  return [`${server}/${name}`, options.join('&')].filter(Boolean).join('?');
}

/** The connection string as it may be shown: a user name is no secret, a password is. */
export function withoutPassword(uri: string): string {
  return uri.replace(/^(mongodb(?:\+srv)?:\/\/[^:@/]*):[^@/]*@/, '$1:***@');
}
