import type { UserDocument } from '../../../shared/db/collections.ts';
import type { Static } from '../../../shared/http/json-schema.ts';
import type { user } from '../schemas.ts';

/** Converts an account to what its owner sees. */
export function profileOf(account: UserDocument): Static<typeof user> {
  const { _id, email, name, language, roles, emailVerifiedAt, createdAt } = account;
  return {
    id: _id,
    email,
    name,
    language,
    roles: [...roles],
    emailVerified: emailVerifiedAt !== null,
    createdAt: createdAt.toISOString(),
  };
}
