import type { TransactionOptions } from 'mongodb';

/** Options of every transaction that writes published documents. */
export const TRANSACTION: TransactionOptions = {
  readPreference: 'primary',
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority', journal: true },
};
