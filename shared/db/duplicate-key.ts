import { MongoServerError } from 'mongodb';

const DUPLICATE_KEY = 11_000;

/** Tells whether a write was refused because a unique index has its key already (MongoDB manual, "Error Codes"). */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}
