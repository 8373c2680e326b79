import { parsePublicKeys } from '../../../shared/auth/key-set.ts';
import { cached } from '../../../shared/cached.ts';
import type { Output } from '../../../shared/http/contract.ts';
import { prepareBy } from '../../../shared/prepare.ts';
import { freshSecret, recentSecret } from '../../../shared/secrets.ts';
import type { contract } from '../contract.ts';

type KeysRoute = (typeof contract)['routes']['GET /.well-known/jwks.json'];

const SETTING = 'ACCESS_TOKEN_PUBLIC_KEYS';

/** As long as the stage cache holds the answer, so a published key appears within twice that. */
export const MAX_AGE_MS = 60_000;

const readKeySet = cached(MAX_AGE_MS, { read: () => recentSecret(SETTING), readAgain: () => freshSecret(SETTING) });

prepareBy(readKeySet);

/** Returns the published keys. They are parsed as verifiers parse them, so that nothing but public keys gets out. */
export async function readPublicKeys(): Promise<Output<KeysRoute>> {
  const keys = [...parsePublicKeys(await readKeySet())].map(([kid, key]) => {
    const { x = '', y = '' } = key.export({ format: 'jwk' });
    return { kty: 'EC', crv: 'P-256', x, y, kid, use: 'sig', alg: 'ES256' } as const;
  });
  return { keys };
}
