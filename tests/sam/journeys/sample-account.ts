/** The account of `events/auth/login.json`. */
export const LEARNER = { email: 'learner@example.com', password: '<password>' } as const;

/** An account that may read every course. */
export const ADMIN = { ...LEARNER, email: 'admin@example.com' } as const;

/** Of the last sign-in. */
export const TOKEN = { authorization: 'Bearer <access token>' } as const;
