import { query } from '../../../shared/db/client.ts';
import { COLLECTIONS, collection, type PendingToken, type UserDocument } from '../../../shared/db/collections.ts';
import { eraseOwned, findOwned, type OwnedDocuments } from '../../../shared/db/ownership.ts';
import { transaction } from '../../../shared/db/transaction.ts';

/** What a token in a mail is good for. */
export type MailedTokenPurpose = keyof UserDocument['pending'];

/** Whose a token from a mail claims to be, and what the account must have pending for it to be true. */
export interface PresentedToken {
  readonly userId: string;
  readonly hash: string;
}

/** What a learner may change of an account without proving more than a session; what is undefined stays as it is. */
export interface ProfileChange {
  readonly name: string | undefined;
  readonly language: string | undefined;
  readonly updatedAt: Date;
}

/** Changes an account and answers what it is then; null when it is gone. */
export function updateProfile(userId: string, change: ProfileChange): Promise<UserDocument | null> {
  return query((db) =>
    collection(db, COLLECTIONS.users).findOneAndUpdate(
      { _id: userId },
      // The client leaves out what is undefined (`ignoreUndefined`).
      { $set: change as Partial<UserDocument> },
      { returnDocument: 'after' },
    ),
  );
}

/** Keeps what a mailed token is checked against; one that was sent before for the same purpose is no good any more. */
export async function expectToken(userId: string, purpose: MailedTokenPurpose, pending: PendingToken): Promise<void> {
  await query((db) =>
    collection(db, COLLECTIONS.users).updateOne({ _id: userId }, { $set: { [`pending.${purpose}`]: pending } }),
  );
}

/** Whether an account waits for this token, now. */
export async function isTokenExpected(
  purpose: MailedTokenPurpose,
  presented: PresentedToken,
  now: Date,
): Promise<boolean> {
  const found = await query((db) =>
    collection(db, COLLECTIONS.users).findOne(expecting(purpose, presented, now), { projection: { _id: 1 } }),
  );
  return found !== null;
}

/** Has the address of an account verified by a token, which is used up with that. */
export async function verifyAddress(presented: PresentedToken, now: Date): Promise<'verified' | 'not-expected'> {
  const { modifiedCount } = await query((db) =>
    collection(db, COLLECTIONS.users).updateOne(expecting('verify', presented, now), {
      $set: { emailVerifiedAt: now, updatedAt: now },
      $unset: { 'pending.verify': true },
    }),
  );
  return modifiedCount === 1 ? 'verified' : 'not-expected';
}

/**
 * Sets a new password by a token, which is used up with that, and ends every session. Whoever has the token reads the
 * mail of the account, so the address counts as verified too. Answers the account, or null when it waits for no such token.
 */
export function resetPasswordHash(
  presented: PresentedToken,
  passwordHash: string,
  now: Date,
): Promise<UserDocument | null> {
  return transaction(async (db, session) => {
    const user = await collection(db, COLLECTIONS.users).findOneAndUpdate(
      expecting('reset', presented, now),
      {
        $set: { passwordHash, emailVerifiedAt: now, updatedAt: now },
        $inc: { tokenEpoch: 1 },
        $unset: { 'pending.reset': true, 'pending.verify': true },
      },
      { session, returnDocument: 'after' },
    );
    if (user !== null) await collection(db, COLLECTIONS.sessions).deleteMany({ userId: user._id }, { session });
    return user;
  });
}

/** A new password in place of one that was checked, by one session that stays while all others end. */
export interface PasswordChange {
  readonly userId: string;
  readonly fromHash: string;
  readonly toHash: string;
  readonly keptSessionId: string;
}

export function changePasswordHash(change: PasswordChange, now: Date): Promise<'changed' | 'changed-meanwhile'> {
  const { userId, fromHash, toHash, keptSessionId } = change;
  return transaction(async (db, session) => {
    const { modifiedCount } = await collection(db, COLLECTIONS.users).updateOne(
      { _id: userId, passwordHash: fromHash },
      // Nobody who asked for a reset before gets to undo this.
      { $set: { passwordHash: toHash, updatedAt: now }, $unset: { 'pending.reset': true } },
      { session },
    );
    if (modifiedCount === 0) return 'changed-meanwhile';
    await collection(db, COLLECTIONS.sessions).deleteMany({ userId, _id: { $ne: keptSessionId } }, { session });
    return 'changed';
  });
}

/** Everything held about an account, without what is secret. */
export function findAccountData(userId: string): Promise<OwnedDocuments> {
  return query((db) => findOwned(db, userId));
}

/** Removes an account and all that is its own, at once. */
export function eraseAccount(userId: string): Promise<void> {
  return transaction((db, session) => eraseOwned(db, session, userId));
}

function expecting(purpose: MailedTokenPurpose, { userId, hash }: PresentedToken, now: Date) {
  return { _id: userId, [`pending.${purpose}.hash`]: hash, [`pending.${purpose}.expiresAt`]: { $gt: now } };
}
