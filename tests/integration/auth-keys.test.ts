import { useAuth, useQuickPasswords } from '../support/functions/auth.ts';
import { useClock } from '../support/jest/clock.ts';
import { createSigningKey, privateKeyJwk, publicKeySet, signingKey } from '../support/keys/access-tokens.ts';

useQuickPasswords();
const clock = useClock();
const { register, refresh, as, call } = useAuth();

const nextKey = createSigningKey('key-2');

function keyIdIn(accessToken: string): unknown {
  const [header = ''] = accessToken.split('.');
  return (JSON.parse(Buffer.from(header, 'base64url').toString()) as { readonly kid: unknown }).kid;
}

const publishedIds = async () =>
  (await call('GET /.well-known/jwks.json')).body.keys.map(({ kid }: { readonly kid: string }) => kid);

it('the signing key can be rotated by publish, switch and retire, without restarting a container', async () => {
  const first = (await register()).body.tokens;
  expect([keyIdIn(first.accessToken), await publishedIds()]).toEqual(['key-1', ['key-1']]);

  process.env['ACCESS_TOKEN_PUBLIC_KEYS'] = publicKeySet(signingKey, nextKey);
  clock.advance(60);
  expect(await publishedIds()).toEqual(['key-1', 'key-2']);
  const second = (await refresh(first.refreshToken)).body.tokens;
  expect(keyIdIn(second.accessToken)).toBe('key-1');

  process.env['ACCESS_TOKEN_PRIVATE_KEY'] = privateKeyJwk(nextKey);
  clock.advance(60);
  const third = (await refresh(second.refreshToken)).body.tokens;
  expect(keyIdIn(third.accessToken)).toBe('key-2');
  for (const { accessToken } of [first, second, third]) {
    expect((await as(accessToken, 'GET /auth/sessions')).status).toBe(200);
  }

  // The last token of the first key has expired by then, however long a lifetime verifiers accept.
  clock.advance(60 + 1800 + 30);
  process.env['ACCESS_TOKEN_PUBLIC_KEYS'] = publicKeySet(nextKey);
  expect(await publishedIds()).toEqual(['key-2']);
  const fourth = (await refresh(third.refreshToken)).body.tokens;
  expect((await as(fourth.accessToken, 'GET /auth/sessions')).status).toBe(200);
});
