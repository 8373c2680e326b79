import { parsePublicKeys } from '../../../shared/auth/key-set.ts';
import type { Output } from '../../../shared/http/contract.ts';
import { keptFor } from '../../../shared/kept.ts';
import { freshSecret, recentSecret } from '../../../shared/secrets.ts';
import type { contract } from '../contract.ts';

type KeysRoute = (typeof contract)['routes']['GET /.well-known/jwks.json'];

const SETTING = 'ACCESS_TOKEN_PUBLIC_KEYS';

/** As long as the answer is cached: a key that is published shows within twice that. */
const MAX_AGE_MS = 60_000;

const readKeySet = keptFor(MAX_AGE_MS, { read: () => recentSecret(SETTING), readAgain: () => freshSecret(SETTING) });

/** The published keys. Read as verifiers read them: what is not a set of public keys is never passed on. */
export async function readPublicKeys(): Promise<Output<KeysRoute>> {
  const keys = [...parsePublicKeys(await readKeySet())].map(([kid, key]) => {
    const { x = '', y = '' } = key.export({ format: 'jwk' });
    return { kty: 'EC', crv: 'P-256', x, y, kid, use: 'sig', alg: 'ES256' } as const;
  });
  return { keys };
}
