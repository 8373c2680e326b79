import { type DatabaseWork, observed } from '../measuring/observed.ts';
import { type AuthRequest, callAuth, type SignedIn, signIn } from './auth-client.ts';
import { freshNetwork, PASSWORD } from './people.ts';

/** What one request to the auth function asks of the database. */
export interface RouteCommands {
  readonly key: string;
  /** Which of the things that a route may do. */
  readonly what: string;
  readonly databaseWork: DatabaseWork;
}

/** Follows an account from registration to sign-out. The first time is a warm-up, in which connections are opened. */
export async function countRouteCommands(report: (line: string) => void): Promise<readonly RouteCommands[]> {
  report('commands of each route');
  await accountLife('warm.up@example.com');
  return accountLife('ada@example.com');
}

async function accountLife(email: string): Promise<readonly RouteCommands[]> {
  const counted: RouteCommands[] = [];
  const count = async (what: string, request: AuthRequest, status: number) => {
    const { result, databaseWork } = await observed(() => callAuth(request, status));
    counted.push({ key: request.key, what, databaseWork });
    return result;
  };
  const login = (password: string) => ({
    key: 'POST /auth/login',
    body: { email, password },
    sourceIp: freshNetwork(),
  });

  const details = { email, password: PASSWORD, name: 'Ada Moore' };
  const body = { ...details, language: 'en' };
  await count('a new account', { key: 'POST /auth/register', body, sourceIp: freshNetwork() }, 201);
  await count('from a new network', login(PASSWORD), 200);
  await count('wrong password', login('six geese a-laying'), 401);

  const { refreshToken } = (await signIn(email, PASSWORD, freshNetwork())).tokens;
  const refresh = { key: 'POST /auth/refresh', body: { refreshToken } };
  const { accessToken } = ((await count('', refresh, 200)) as SignedIn).tokens;
  await count('the same token again, as after a lost reply', refresh, 200);

  await count('', { key: 'GET /auth/sessions', accessToken }, 200);
  await count('', { key: 'POST /auth/logout', accessToken }, 204);
  return counted;
}
