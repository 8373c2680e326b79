import type { Scenario } from '../differences/known-differences.ts';

/** A request of a journey. Angle brackets stand for values of earlier answers. */
export interface Step {
  /** `METHOD target` */
  readonly request: string;
  readonly scenario?: Scenario;
  readonly authorization?: string;
  readonly ifNoneMatch?: string;
  /** Sent as JSON. A text is sent as it is. */
  readonly body?: object | string;
  readonly contentType?: string;
}

export type Journey = readonly Step[];

/** The account of `events/auth/login.json`. */
export const LEARNER = { email: 'learner@example.com', password: '<password>' } as const;

/** An account that may read every course. */
export const ADMIN = { ...LEARNER, email: 'admin@example.com' } as const;

/** Of the last sign-in. */
export const TOKEN = { authorization: 'Bearer <access token>' } as const;
