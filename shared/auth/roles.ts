import type { Auth } from '../http/route.ts';

/** A role of an account. Every account is a `learner`; authors and admins have that role as well. */
export type Role = Exclude<Auth, 'public' | 'gateway'>;

const ROLES: ReadonlySet<unknown> = new Set<Role>(['learner', 'author', 'admin']);

/** Tells whether a value from outside names a role. */
export function isRole(value: unknown): value is Role {
  return ROLES.has(value);
}
