import { randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { issueAccessToken } from '../../functions/auth/token/issue-access-token.ts';
import { authenticate } from '../../shared/auth/authenticate.ts';
import type { RequestHeaders } from '../../shared/auth/bearer.ts';
import { parsePublicKeys } from '../../shared/auth/key-set.ts';
import { ALGORITHM, verifyAccessToken } from '../../shared/auth/verify-access-token.ts';
import { tokenAudience, tokenIssuer } from '../../shared/config.ts';
import { secret } from '../../shared/secrets.ts';
import { type Summary, summarize } from '../measuring/statistics.ts';
import { requestHeaders } from './auth-client.ts';
import type { AccountsEffort } from './effort.ts';
import { account, READER } from './people.ts';

/** What one way to verify an access token takes. */
export interface VerificationFigures {
  readonly name: Verifier;
  readonly microseconds: Summary;
}

/** The library alone, what this project makes of it, and that with header, keys and role: what a route pays. */
export type Verifier = 'jsonwebtoken.verify' | 'verifyAccessToken' | 'authenticate';

interface Presented {
  readonly token: string;
  readonly request: RequestHeaders;
}

/** So many different tokens that nothing is gained by remembering one. */
const VARIETY = 64;

/** Tokens between two looks at the clock. */
const BATCH = 100;

/** Long enough that V8 has compiled what is hot. */
const WARM_UP_MILLISECONDS = 400;

/** Times the verification of tokens as `auth` issues them, each way in turns. */
export async function measureVerification({
  rounds,
  milliseconds,
}: AccountsEffort): Promise<readonly VerificationFigures[]> {
  const tokens = await issueTokens();
  const verifiers = Object.entries(await makeVerifiers()) as [Verifier, (presented: Presented) => unknown][];
  for (const [, verify] of verifiers) await microsecondsOf(verify, tokens, WARM_UP_MILLISECONDS);

  const samples = new Map<Verifier, number[]>(verifiers.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, verify] of verifiers) {
      samples.get(name)?.push(await microsecondsOf(verify, tokens, milliseconds));
    }
  }
  return [...samples].map(([name, values]) => ({ name, microseconds: summarize(values) }));
}

async function makeVerifiers(): Promise<Readonly<Record<Verifier, (presented: Presented) => unknown>>> {
  const keys = parsePublicKeys(await secret('ACCESS_TOKEN_PUBLIC_KEYS'));
  const [key] = keys.values();
  if (key === undefined) throw new Error('There is no public key');
  const issuer = tokenIssuer();
  const audience = tokenAudience();
  const terms: jwt.VerifyOptions = { algorithms: [ALGORITHM], issuer, audience };
  return {
    'jsonwebtoken.verify': ({ token }) => jwt.verify(token, key, terms),
    verifyAccessToken: ({ token }) => verifyAccessToken(token, { keys, issuer, audience, now: new Date() }),
    authenticate: ({ request }) => authenticate(request, 'learner'),
  };
}

async function issueTokens(): Promise<readonly Presented[]> {
  const user = account(READER, '');
  const now = new Date();
  const tokens = await Promise.all(Array.from({ length: VARIETY }, () => issueAccessToken(user, randomUUID(), now)));
  return tokens.map((token) => ({ token, request: requestHeaders(token) }));
}

async function microsecondsOf(
  verify: (presented: Presented) => unknown,
  tokens: readonly Presented[],
  milliseconds: number,
): Promise<number> {
  let spent = 0;
  let operations = 0;
  while (spent < milliseconds) {
    const start = performance.now();
    for (let index = 0; index < BATCH; index += 1) {
      const presented = tokens[index % tokens.length];
      if (presented !== undefined) await verify(presented);
    }
    spent += performance.now() - start;
    operations += BATCH;
  }
  return (spent / operations) * 1000;
}
