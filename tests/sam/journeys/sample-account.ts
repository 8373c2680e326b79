/** Who signs in as `events/auth/login.json` does. */
export const LEARNER = { email: 'learner@example.com', password: '<password>' } as const;

/** Who may read every course. */
export const ADMIN = { ...LEARNER, email: 'admin@example.com' } as const;

/** Of whoever signed in last. */
export const TOKEN = { authorization: 'Bearer <access token>' } as const;
