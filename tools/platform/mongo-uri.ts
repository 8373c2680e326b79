/**
 * Sets the database in the path of a connection string, which is not a URL if it names several hosts. Users are still
 * authenticated against the same database, which depends on the path too.
 *
 * @throws Error if it is not a connection string.
 */
export function withDatabase(uri: string, name: string): string {
  const [, server, path = '', query = ''] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?([^?]*)\??(.*)$/.exec(uri) ?? [];
  if (server === undefined) throw new Error('a MongoDB connection string begins with mongodb:// or mongodb+srv://');

  const options = query === '' ? [] : query.split('&');
  if (server.includes('@') && !/\bauthSource=/i.test(query)) options.push(`authSource=${path || 'admin'}`);
  return [`${server}/${name}`, options.join('&')].filter(Boolean).join('?');
}

/** Returns the connection string without its password. The user name is not a secret. */
export function withoutPassword(uri: string): string {
  return uri.replace(/^(mongodb(?:\+srv)?:\/\/[^:@/]*):[^@/]*@/, '$1:***@');
}
