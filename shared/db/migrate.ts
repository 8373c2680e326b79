import { type Db, MongoServerError } from 'mongodb';
import { COLLECTIONS } from './collections.ts';

/** What a migration did, as `collection.index`. */
export interface Migration {
  readonly created: readonly string[];
  /** In the database but not declared. Left alone, because dropping an index is for people to decide. */
  readonly undeclared: readonly string[];
}

const NAMESPACE_NOT_FOUND = 26;

/**
 * Creates every declared collection and index that is missing. Safe to repeat, and while functions run.
 * @throws MongoServerError if an index exists with another definition. Drop it by hand first.
 */
export async function migrate(db: Db): Promise<Migration> {
  const created: string[] = [];
  const undeclared: string[] = [];

  for (const { name, indexes } of Object.values(COLLECTIONS)) {
    const collection = db.collection(name);
    const before = await indexNames(db, name);
    await collection.createIndexes(indexes.map((index) => ({ ...index })));
    const declared = indexes.map((index) => index.name);
    created.push(...declared.filter((index) => !before.includes(index)).map((index) => `${name}.${index}`));
    undeclared.push(
      ...before.filter((index) => index !== '_id_' && !declared.includes(index)).map((index) => `${name}.${index}`),
    );
  }
  return { created, undeclared };
}

async function indexNames(db: Db, collection: string): Promise<string[]> {
  try {
    return (await db.collection(collection).indexes()).map((index) => String(index.name));
  } catch (error) {
    if (error instanceof MongoServerError && error.code === NAMESPACE_NOT_FOUND) return [];
    throw error;
  }
}
