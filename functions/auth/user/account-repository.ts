import type { Document } from 'mongodb';
import type { Caller } from '../../../shared/auth/caller.ts';
import { query } from '../../../shared/db/client.ts';
import { COLLECTIONS, ownedCollection, type PendingToken, type UserDocument } from '../../../shared/db/collections.ts';
import { eraseOwned, findOwned, type OwnedDocuments } from '../../../shared/db/ownership.ts';
import { transaction } from '../../../shared/db/transaction.ts';
import { unscopedCollection } from '../../../shared/db/unscoped.ts';

/** The purpose of a token that is sent by mail. */
export type MailedTokenPurpose = keyof UserDocument['pending'];

/** A token from a mail, as presented: the account it names, and the hash that the account must have pending. */
export interface PresentedToken {
  readonly userId: string;
  readonly hash: string;
}

/** Changes that need no more proof than a session. Undefined fields stay as they are. */
export interface ProfileChange {
  readonly name: string | undefined;
  readonly language: string | undefined;
  readonly updatedAt: Date;
}

/** Changes an account and returns it. Null if it no longer exists. */
export function updateProfile(caller: Caller, change: ProfileChange): Promise<UserDocument | null> {
  return query((db) =>
    ownedCollection(db, COLLECTIONS.users, caller).findOneAndUpdate(
      { _id: caller.userId },
      // The client omits undefined fields (`ignoreUndefined`).
      { $set: change as Partial<UserDocument> },
      { returnDocument: 'after' },
    ),
  );
}

/** Stores the hash of a mailed token. It replaces an earlier token for the same purpose. */
export async function expectToken(userId: string, purpose: MailedTokenPurpose, pending: PendingToken): Promise<void> {
  await query((db) =>
    unscopedCollection(db, COLLECTIONS.users).updateOne({ _id: userId }, { $set: { [`pending.${purpose}`]: pending } }),
  );
}

/** Stores the hash of the first verification token of an account, unless there has been one. */
export async function expectFirstVerification(userId: string, pending: PendingToken): Promise<'stored' | 'not-first'> {
  const { modifiedCount } = await query((db) =>
    unscopedCollection(db, COLLECTIONS.users).updateOne(
      { _id: userId, emailVerifiedAt: null, 'pending.verify': { $exists: false } },
      { $set: { 'pending.verify': pending } },
    ),
  );
  return modifiedCount === 1 ? 'stored' : 'not-first';
}

/** Tells whether the account has this token pending. */
export async function isTokenExpected(
  purpose: MailedTokenPurpose,
  presented: PresentedToken,
  now: Date,
): Promise<boolean> {
  const found = await query((db) =>
    unscopedCollection(db, COLLECTIONS.users).findOne(expecting(purpose, presented, now), { projection: { _id: 1 } }),
  );
  return found !== null;
}

/** Marks the address of an account as verified, and uses the token up. */
export async function verifyAddress(presented: PresentedToken, now: Date): Promise<'verified' | 'not-expected'> {
  const { modifiedCount } = await query((db) =>
    unscopedCollection(db, COLLECTIONS.users).updateOne(expecting('verify', presented, now), {
      $set: { emailVerifiedAt: now, updatedAt: now },
      $unset: { 'pending.verify': true },
    }),
  );
  return modifiedCount === 1 ? 'verified' : 'not-expected';
}

/**
 * Sets a new password, uses the token up, and ends every session. The token came by mail, so the address counts as
 * verified too. Returns the account, or null if it has no such token pending.
 */
export function resetPasswordHash(
  presented: PresentedToken,
  passwordHash: string,
  now: Date,
): Promise<UserDocument | null> {
  return transaction(async (db, session) => {
    const user = await unscopedCollection(db, COLLECTIONS.users).findOneAndUpdate(
      expecting('reset', presented, now),
      {
        $set: { passwordHash, emailVerifiedAt: now, updatedAt: now },
        $inc: { tokenEpoch: 1 },
        $unset: { 'pending.reset': true, 'pending.verify': true },
      },
      { session, returnDocument: 'after' },
    );
    if (user !== null) await unscopedCollection(db, COLLECTIONS.sessions).deleteMany({ userId: user._id }, { session });
    return user;
  });
}

/** Replaces a password that the caller has proved to know. */
export interface PasswordChange {
  readonly fromHash: string;
  readonly toHash: string;
}

/** Sets a new password and ends the caller's other sessions, in one transaction. */
export function changePasswordHash(
  caller: Caller,
  { fromHash, toHash }: PasswordChange,
  now: Date,
): Promise<'changed' | 'changed-meanwhile'> {
  const { userId, sessionId } = caller;
  return transaction(async (db, session) => {
    const { modifiedCount } = await ownedCollection(db, COLLECTIONS.users, caller).updateOne(
      { _id: userId, passwordHash: fromHash },
      // A reset that was requested before must not undo the change.
      { $set: { passwordHash: toHash, updatedAt: now }, $unset: { 'pending.reset': true } },
      { session },
    );
    if (modifiedCount === 0) return 'changed-meanwhile';
    const others = { userId, _id: { $ne: sessionId } };
    await ownedCollection(db, COLLECTIONS.sessions, caller).deleteMany(others, { session });
    return 'changed';
  });
}

/** Finds everything stored about the caller, without secret fields. */
export function findAccountData({ userId }: Caller): Promise<OwnedDocuments> {
  return query((db) => findOwned(db, userId));
}

/** Removes the caller's account and everything that belongs to it, in one transaction. */
export function eraseAccount({ userId }: Caller): Promise<void> {
  return transaction((db, session) => eraseOwned(db, session, userId));
}

/** A stage for `requireCaller` that adds the whole account to the caller's row. */
export function accountStage(userId: string): Document {
  return { $lookup: { as: 'user', from: COLLECTIONS.users.name, pipeline: [{ $match: { _id: userId } }] } };
}

function expecting(purpose: MailedTokenPurpose, { userId, hash }: PresentedToken, now: Date) {
  return { _id: userId, [`pending.${purpose}.hash`]: hash, [`pending.${purpose}.expiresAt`]: { $gt: now } };
}
