import type { Auth } from '../http/route.ts';

/** What an account may be. Every account is a `learner`; authors and admins are that too, and carry both. */
export type Role = Exclude<Auth, 'public' | 'gateway'>;

const ROLES: ReadonlySet<unknown> = new Set<Role>(['learner', 'author', 'admin']);

/** Whether a value from outside is the name of a role. */
export function isRole(value: unknown): value is Role {
  return ROLES.has(value);
}
