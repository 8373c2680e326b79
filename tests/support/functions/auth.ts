import { contract } from '../../../functions/auth/contract.ts';
import { handler } from '../../../functions/auth/handler.ts';
import { PASSWORD_COST } from '../../../functions/auth/password/password-hash.ts';
import { closeDatabase } from '../../../shared/db/client.ts';
import { migrate } from '../../../shared/db/migrate.ts';
import { type Mailbox, useMailbox } from '../aws/mailbox.ts';
import { type TestDatabase, useDatabase } from '../database/database.ts';
import { monitored } from '../database/queries.ts';
import { privateKeyJwk, signingKey, useAccessTokens } from '../keys/access-tokens.ts';
import { SECRETS } from '../keys/secrets.ts';
import type { ApiEventOptions } from './api-event.ts';
import { type Answer, callerOf } from './call.ts';

export const PASSWORD = 'seven swans a-swimming';

/** Calls the auth function as apps do. */
export interface AuthCaller {
  readonly database: TestDatabase;
  /** Receives the function's mail. */
  readonly mailbox: Mailbox;
  call(key: string, options?: ApiEventOptions): Promise<Answer>;
  /** A call with a JSON body. */
  send(key: string, body: unknown, options?: ApiEventOptions): Promise<Answer>;
  /** A call with an access token. */
  as(accessToken: string, key: string, options?: ApiEventOptions): Promise<Answer>;
  register(details?: Readonly<Record<string, unknown>>, options?: ApiEventOptions): Promise<Answer>;
  login(details?: Readonly<Record<string, unknown>>, options?: ApiEventOptions): Promise<Answer>;
  refresh(refreshToken: unknown, details?: Readonly<Record<string, unknown>>): Promise<Answer>;
}

/** Gives a test file the real auth function with its own database. Call it once, at the top of the file. */
export function useAuth(): AuthCaller {
  useAccessTokens();
  const database = useDatabase();
  const mailbox = useMailbox();
  const call = callerOf(handler, contract);

  beforeAll(async () => {
    Object.assign(process.env, SECRETS, {
      MONGODB_URI: monitored(database.uri()),
      ACCESS_TOKEN_PRIVATE_KEY: privateKeyJwk(signingKey),
    });
    await migrate(database.db());
  });
  afterAll(() => closeDatabase());

  const send: AuthCaller['send'] = (key, body, options = {}) =>
    call(key, {
      ...options,
      headers: { 'Content-Type': 'application/json', ...options.headers },
      body: JSON.stringify(body),
    });

  return {
    database,
    mailbox,
    call,
    send,
    as: (accessToken, key, options = {}) =>
      call(key, { ...options, headers: { ...options.headers, Authorization: `Bearer ${accessToken}` } }),
    register: (details, options) =>
      send('POST /auth/register', { email: 'ada@example.com', password: PASSWORD, name: 'Ada', ...details }, options),
    login: (details, options) =>
      send('POST /auth/login', { email: 'ada@example.com', password: PASSWORD, ...details }, options),
    refresh: (refreshToken, details) => send('POST /auth/refresh', { refreshToken, ...details }),
  };
}

/** Hashes passwords at a thousandth of the cost in this test file. Call it once, at the top of the file. */
export function useQuickPasswords(): void {
  Object.assign(PASSWORD_COST, { ln: 7 });
}
