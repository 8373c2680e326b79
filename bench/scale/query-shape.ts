import type { Document } from 'mongodb';
import { COLLECTIONS, type CollectionDeclaration } from '../../shared/db/collections.ts';

/** One query of a command: a command that looks up or unites other collections has several. */
export interface Query {
  readonly collection: string;
  readonly filter: Document;
  readonly sort?: Document;
  /** An insert has no filter. It goes to the shard of the key in the document. */
  readonly isInsert: boolean;
}

/** Commands of a connection or a transaction, which read and write no documents themselves. */
const WITHOUT_QUERY = ['commitTransaction', 'abortTransaction', 'ping', 'endSessions', 'getMore'];

/**
 * Returns the queries of a command that was sent to the database.
 * @throws Error for a command that it does not know, so that no query goes unseen
 */
export function queriesOf(command: Document): readonly Query[] {
  const name = Object.keys(command)[0] ?? '';
  const collection = String(command[name]);
  const filtered = (filters: readonly Document[]) => filters.map((filter) => ({ collection, filter, isInsert: false }));
  switch (name) {
    case 'find': {
      const { filter = {}, sort } = command;
      return [{ collection, filter, ...(sort && { sort }), isInsert: false }];
    }
    case 'aggregate':
      return queriesOfPipeline(collection, command['pipeline']);
    case 'findAndModify':
      return filtered([command['query']]);
    case 'update':
      return filtered((command['updates'] as readonly Document[]).map(({ q }) => q as Document));
    case 'delete':
      return filtered((command['deletes'] as readonly Document[]).map(({ q }) => q as Document));
    case 'insert':
      return (command['documents'] as readonly Document[]).map((filter) => ({ collection, filter, isInsert: true }));
    default:
      if (WITHOUT_QUERY.includes(name)) return [];
      throw new Error(`bench/scale/query-shape.ts does not know the command ${name}`);
  }
}

function queriesOfPipeline(collection: string, pipeline: readonly Document[]): readonly Query[] {
  const sort = pipeline.find((stage) => '$sort' in stage)?.['$sort'] as Document | undefined;
  const filter: Document = pipeline[0]?.['$match'] ?? {};
  const others = pipeline.flatMap((stage) => {
    const { $lookup, $unionWith } = stage;
    if ($unionWith) return queriesOfPipeline($unionWith.coll, $unionWith.pipeline);
    if (!$lookup) return [];
    const { from, foreignField, pipeline: inner = [] } = $lookup;
    if (foreignField === undefined) return queriesOfPipeline(from, inner);
    return [{ collection: from, filter: { [foreignField]: 'a value' }, isInsert: false }];
  });
  return [{ collection, filter, ...(sort && { sort }), isInsert: false }, ...others];
}

/**
 * Returns the form of a query without its values, such as `sessions {_id, expiresAt >}`: a field alone is compared for
 * equality.
 */
export function shapeOf({ collection, filter, sort, isInsert }: Query): string {
  if (isInsert) return `${collection} insert`;
  const order = sort === undefined ? '' : ` by ${sortFields(sort).join(', ')}`;
  return `${collection} {${fieldsOf(filter).join(', ')}}${order}`;
}

/** The driver sends the order of a `find` as a map. */
function sortFields(sort: Document): readonly string[] {
  return sort instanceof Map ? [...sort.keys()].map(String) : Object.keys(sort);
}

const SIGNS: Readonly<Record<string, string>> = {
  $gt: ' >',
  $gte: ' >',
  $lt: ' <',
  $lte: ' <',
  $in: ' in',
  $ne: ' not',
  $exists: ' exists',
  $eq: '',
};

function fieldsOf(filter: Document): readonly string[] {
  const fields = Object.entries(filter).flatMap(([field, condition]): readonly string[] => {
    // Computed from the document; no index serves it.
    if (field === '$expr') return [];
    if (field === '$or') {
      return [`(${(condition as Document[]).map((part) => fieldsOf(part).join(', ')).join(' or ')})`];
    }
    const operators = isOperators(condition) ? Object.keys(condition) : ['$eq'];
    return operators.map((operator) => `${field}${SIGNS[operator] ?? ` ${operator}`}`);
  });
  return [...new Set(fields)].sort();
}

function isOperators(condition: unknown): condition is Document {
  return (
    typeof condition === 'object' &&
    condition !== null &&
    Object.getPrototypeOf(condition) === Object.prototype &&
    Object.keys(condition).some((name) => name.startsWith('$'))
  );
}

/** Whether a query names each of these fields by value, so that the database knows which shards have its documents. */
export function isTargeted({ filter }: Query, fields: readonly string[]): boolean {
  return fields.every((field) => {
    if (!(field in filter)) return false;
    const condition: unknown = filter[field];
    return !isOperators(condition) || Object.keys(condition).some((name) => name === '$in' || name === '$eq');
  });
}

/** The index that begins with the most fields that the query names by value, and then sorts as the query does. */
export function indexOf(query: Query): string {
  if (isTargeted(query, ['_id'])) return '_id_';
  const { filter, sort = {} } = query;
  const candidates = declarationOf(query.collection).indexes.map(({ name, key }) => {
    const fields = Object.keys(key);
    const rest = fields.findIndex((field) => !isTargeted({ ...query, filter }, [field]));
    const equal = rest === -1 ? fields.length : rest;
    const next = fields[equal];
    const serves = next !== undefined && (next in filter || sortFields(sort)[0] === next);
    return { name, score: equal * 2 + (serves ? 1 : 0) };
  });
  const [best] = candidates.sort((one, other) => other.score - one.score);
  return best === undefined || best.score === 0 ? 'none' : best.name;
}

function declarationOf(collection: string): CollectionDeclaration<Document> {
  const found = Object.values<CollectionDeclaration<Document>>(COLLECTIONS).find(({ name }) => name === collection);
  if (found === undefined) throw new Error(`The collection ${collection} is not declared`);
  return found;
}
