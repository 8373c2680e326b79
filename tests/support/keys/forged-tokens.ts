import { createHmac, generateKeyPairSync, type JsonWebKey, sign } from 'node:crypto';
import {
  AUDIENCE,
  buildToken,
  craftToken,
  createSigningKey,
  es256,
  goodClaims,
  goodHeader,
  ISSUER,
  type Signer,
  signingKey,
  withPart,
} from './access-tokens.ts';

/** Published, but not under the key id that tokens here name. For `useAccessTokens`. */
export const otherKey = createSigningKey('key-2');
/** Once published. */
const retiredKey = createSigningKey('key-0');
const attacker = createSigningKey('attacker');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const secp256k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });

/** The valid payload. */
const good = () => JSON.stringify(goodClaims());
const none: Signer = () => Buffer.alloc(0);
const seconds = () => Math.floor(Date.now() / 1000);

/** A header with members of the attacker's choice. */
const header = (members: Readonly<Record<string, unknown>>) => JSON.stringify({ ...goodHeader(), ...members });
/** Validly signed, with these claims in place of the valid ones. */
const claiming = (claims: Readonly<Record<string, unknown>>) => buildToken({ claims });
/** Validly signed, with the text of a claim replaced, for values that JSON.stringify would not write. */
const claimingText = (name: keyof ReturnType<typeof goodClaims>, text: string) =>
  craftToken({ payload: JSON.stringify({ ...goodClaims(), [name]: '@' }).replace('"@"', text) });
/** Signed with HS256, with a secret that everybody may know. */
const hmac = (secret: string | Buffer) =>
  craftToken({
    header: header({ alg: 'HS256' }),
    signature: (input) => createHmac('sha256', secret).update(input).digest(),
  });

const publicPem = signingKey.publicKey.export({ format: 'pem', type: 'spki' });
const publicDer = signingKey.publicKey.export({ format: 'der', type: 'spki' });
const publicJwk = signingKey.publicKey.export({ format: 'jwk' });
const attackerJwk: JsonWebKey = attacker.publicKey.export({ format: 'jwk' });
const byAttacker = (members: Readonly<Record<string, unknown>>) =>
  craftToken({ header: header(members), signature: es256(attacker.privateKey) });

/** What is wrong with a token, and the token. */
export type Forgery = readonly [sentence: string, token: () => string];

const ALGORITHMS: readonly Forgery[] = [
  ...['none', 'None', 'NONE', 'nOnE'].flatMap((alg): Forgery[] => [
    [`alg ${alg} without a signature`, () => craftToken({ header: header({ alg }), signature: none })],
    [`alg ${alg} with a good signature`, () => buildToken({ header: { alg } })],
  ]),
  ['no alg', () => buildToken({ header: { alg: undefined } })],
  ['an empty alg', () => buildToken({ header: { alg: '' } })],
  ['alg null', () => buildToken({ header: { alg: null } })],
  ['an array as alg', () => buildToken({ header: { alg: ['ES256'] } })],
  ['alg in lower case', () => buildToken({ header: { alg: 'es256' } })],
  ['alg with a space', () => buildToken({ header: { alg: 'ES256 ' } })],
  ['HS256 with the public key as PEM', () => hmac(publicPem)],
  ['HS256 with the public key as PEM without its last newline', () => hmac(publicPem.toString().trimEnd())],
  ['HS256 with the public key as DER', () => hmac(publicDer)],
  ['HS256 with the public key as JWK', () => hmac(JSON.stringify(publicJwk))],
  ['HS256 with the public key as base64', () => hmac(publicDer.toString('base64'))],
  ['HS256 with an empty key', () => hmac('')],
  [
    'RS256 with an attacker’s key',
    () =>
      craftToken({
        header: header({ alg: 'RS256' }),
        signature: (input) => sign('sha256', Buffer.from(input), rsa.privateKey),
      }),
  ],
  [
    'ES256 in the header and RSA in the signature',
    () => craftToken({ signature: (input) => sign('sha256', Buffer.from(input), rsa.privateKey) }),
  ],
  [
    'ES384 with an attacker’s key',
    () =>
      craftToken({
        header: header({ alg: 'ES384' }),
        signature: (input) => sign('sha384', Buffer.from(input), { key: p384.privateKey, dsaEncoding: 'ieee-p1363' }),
      }),
  ],
  ['ES256 with an attacker’s key on another curve', () => craftToken({ signature: es256(secp256k1.privateKey) })],
  ['ES256 with an attacker’s key', () => byAttacker({})],
];

const SIGNATURES: readonly Forgery[] = [
  ['an empty signature', () => craftToken({ signature: none })],
  ['a signature without its last byte', () => withPart(buildToken(), 2, (part) => resized(part, 63))],
  ['a signature of half its length', () => withPart(buildToken(), 2, (part) => resized(part, 32))],
  ['a signature with a byte more', () => withPart(buildToken(), 2, (part) => resized(part, 65))],
  ['a signature of zeros', () => craftToken({ signature: () => Buffer.alloc(64) })],
  ['a signature of ones', () => craftToken({ signature: () => Buffer.alloc(64, 0xff) })],
  [
    'a signature whose r is zero',
    () => craftToken({ signature: (input) => es256(signingKey.privateKey)(input).fill(0, 0, 32) }),
  ],
  [
    'a signature whose s is zero',
    () => craftToken({ signature: (input) => es256(signingKey.privateKey)(input).fill(0, 32) }),
  ],
  [
    'a signature in DER',
    () => craftToken({ signature: (input) => sign('sha256', Buffer.from(input), signingKey.privateKey) }),
  ],
  [
    'a signature over another hash',
    () =>
      craftToken({
        signature: (input) =>
          sign('sha512', Buffer.from(input), { key: signingKey.privateKey, dsaEncoding: 'ieee-p1363' }),
      }),
  ],
  [
    'the signature of another token',
    () => withPart(buildToken(), 2, () => buildToken({ claims: { sub: 'mallory' } }).split('.')[2] ?? ''),
  ],
  [
    'another payload with the old signature',
    () => withPart(buildToken(), 1, () => base64url(JSON.stringify({ ...goodClaims(), roles: ['learner', 'admin'] }))),
  ],
  [
    'another header with the old signature',
    () => withPart(buildToken(), 0, () => base64url(JSON.stringify(goodHeader(otherKey)))),
  ],
  [
    'a signature with stray bits in its last character',
    () => withPart(buildToken(), 2, (part) => part.slice(0, -1) + String.fromCharCode(part.charCodeAt(85) + 1)),
  ],
];

const HEADERS: readonly Forgery[] = [
  ['jwk with an attacker’s key', () => byAttacker({ jwk: attackerJwk })],
  ['jwk and no kid', () => byAttacker({ jwk: attackerJwk, kid: undefined })],
  ['jku of an attacker', () => byAttacker({ jku: 'https://evil.example/jwks.json' })],
  ['x5u of an attacker', () => byAttacker({ x5u: 'https://evil.example/chain.pem' })],
  ['x5c of an attacker', () => byAttacker({ x5c: [publicDer.toString('base64')] })],
  ['jwk beside a good signature', () => buildToken({ header: { jwk: publicJwk } })],
  ['jku beside a good signature', () => buildToken({ header: { jku: 'https://auth.lectern.test/jwks.json' } })],
  ['x5u beside a good signature', () => buildToken({ header: { x5u: 'https://auth.lectern.test/chain.pem' } })],
  ['x5c beside a good signature', () => buildToken({ header: { x5c: [] } })],
  ['x5t beside a good signature', () => buildToken({ header: { x5t: 'AAAA' } })],
  ['a crit that is not known', () => buildToken({ header: { crit: ['exp-strict'], 'exp-strict': true } })],
  ['an empty crit', () => buildToken({ header: { crit: [] } })],
  ['b64 false', () => buildToken({ header: { b64: false, crit: ['b64'] } })],
  ['b64 false without crit', () => buildToken({ header: { b64: false } })],
  [
    'b64 false with its payload as it is',
    () => {
      const [first] = buildToken({ header: { b64: false, crit: ['b64'] } }).split('.');
      const input = `${first}.${good()}`;
      return `${input}.${es256(signingKey.privateKey)(input).toString('base64url')}`;
    },
  ],
  ['zip', () => buildToken({ header: { zip: 'DEF' } })],
  ['cty of a nested token', () => buildToken({ header: { cty: 'JWT' } })],
  ['a member nobody knows', () => buildToken({ header: { hello: 'world' } })],
  ['a member named __proto__', () => craftToken({ header: header({}).replace('{', '{"__proto__":{"alg":"none"},') })],
  ['alg, typ and kid by __proto__ alone', () => craftToken({ header: `{"__proto__":${header({})}}` })],
  ['no typ', () => buildToken({ header: { typ: undefined } })],
  ['typ JWT', () => buildToken({ header: { typ: 'JWT' } })],
  ['typ in another case', () => buildToken({ header: { typ: 'AT+JWT' } })],
  ['typ as a full media type', () => buildToken({ header: { typ: 'application/at+jwt' } })],
  ['typ of another kind of token', () => buildToken({ header: { typ: 'dpop+jwt' } })],
  ['an array as typ', () => buildToken({ header: { typ: ['at+jwt'] } })],
  ['alg twice, the good one last', () => craftToken({ header: header({}).replace('{', '{"alg":"none",') })],
  ['alg twice, the good one first', () => craftToken({ header: header({}).replace('}', ',"alg":"none"}') })],
  ['alg twice with the same', () => craftToken({ header: header({}).replace('{', '{"alg":"ES256",') })],
  ['kid twice', () => craftToken({ header: header({}).replace('{', '{"kid":"attacker",') })],
  ['kid twice, once escaped', () => craftToken({ header: header({}).replace('{', '{"\\u006bid":"attacker",') })],
  ['a space in the header', () => craftToken({ header: header({}).replace(':', ': ') })],
  ['null as header', () => craftToken({ header: 'null' })],
  ['an array as header', () => craftToken({ header: `[${header({})}]` })],
  ['a string as header', () => craftToken({ header: JSON.stringify(header({})) })],
  ['a number as header', () => craftToken({ header: '42' })],
  ['half a header', () => craftToken({ header: header({}).slice(0, -1) })],
  ['a header with something after it', () => craftToken({ header: `${header({})}{}` })],
  ['a header with a byte order mark', () => craftToken({ header: `\uFEFF${header({})}` })],
  ['a header that is not UTF-8', () => craftToken({ header: Buffer.from(header({ kid: 'kÿ' }), 'latin1') })],
];

const KEY_IDS: readonly Forgery[] = [
  ['no kid', () => buildToken({ header: { kid: undefined } })],
  ['an empty kid', () => buildToken({ header: { kid: '' } })],
  ['a path as kid', () => buildToken({ header: { kid: '../../../../dev/null' } })],
  [
    'a path as kid and an empty secret',
    () =>
      craftToken({
        header: header({ alg: 'HS256', kid: '/dev/null' }),
        signature: (input) => createHmac('sha256', '').update(input).digest(),
      }),
  ],
  ['a query as kid', () => buildToken({ header: { kid: "key-1' OR '1'='1" } })],
  ['__proto__ as kid', () => buildToken({ header: { kid: '__proto__' } })],
  ['constructor as kid', () => buildToken({ header: { kid: 'constructor' } })],
  ['toString as kid', () => buildToken({ header: { kid: 'toString' } })],
  ['{ $ne } as kid', () => buildToken({ header: { kid: { $ne: null } } })],
  ['an array as kid', () => buildToken({ header: { kid: [signingKey.kid] } })],
  ['a number as kid', () => buildToken({ header: { kid: 1 } })],
  ['the kid in another case', () => buildToken({ header: { kid: signingKey.kid.toUpperCase() } })],
  ['the kid with a null byte', () => buildToken({ header: { kid: `${signingKey.kid}\0` } })],
  ['a very long kid', () => buildToken({ header: { kid: 'k'.repeat(1000) } })],
  ['an unknown kid', () => buildToken({ key: attacker })],
  ['a retired kid', () => buildToken({ key: retiredKey })],
  ['the kid of another published key', () => buildToken({ header: { kid: otherKey.kid } })],
];

const CLAIMS: readonly Forgery[] = [
  ['no exp', () => claiming({ exp: undefined })],
  ['exp null', () => claiming({ exp: null })],
  ['exp as a string', () => claiming({ exp: String(seconds() + 60) })],
  ['exp 1e400', () => claimingText('exp', '1e400')],
  [
    'exp 1e400 and iat 1e400',
    () => craftToken({ payload: good().replace(/"iat":\d+,"exp":\d+/, '"iat":1e400,"exp":1e400') }),
  ],
  ['exp 1e300', () => claiming({ exp: 1e300 })],
  ['exp in an array', () => claiming({ exp: [seconds() + 60] })],
  ['exp true', () => claiming({ exp: true })],
  ['exp with a fraction', () => claiming({ exp: seconds() + 60.5 })],
  ['exp in scientific notation', () => claimingText('exp', `${seconds() + 60}e0`)],
  ['negative exp', () => claiming({ iat: -1000, exp: -500 })],
  ['no iat', () => claiming({ iat: undefined })],
  ['iat as a string', () => claiming({ iat: String(seconds()) })],
  ['iat in the future', () => claiming({ iat: seconds() + 120, exp: seconds() + 600 })],
  ['iat after exp', () => claiming({ iat: seconds() + 20, exp: seconds() + 10 })],
  ['negative iat', () => claiming({ iat: -1, exp: 800 })],
  ['iat with a fraction', () => claiming({ iat: seconds() - 0.5 })],
  ['iat minus zero', () => craftToken({ payload: good().replace(/"iat":\d+,"exp":\d+/, '"iat":-0,"exp":900') })],
  ['nbf in the future', () => claiming({ nbf: seconds() + 120 })],
  ['negative nbf', () => claiming({ nbf: -1 })],
  ['nbf as a string', () => claiming({ nbf: '0' })],
  ['nbf null', () => claiming({ nbf: null })],
  ['nbf with a fraction', () => claiming({ nbf: 0.5 })],
  ...(['iss', 'aud'] as const).flatMap((name): Forgery[] => {
    const value = name === 'iss' ? ISSUER : AUDIENCE;
    return [
      [`no ${name}`, () => claiming({ [name]: undefined })],
      [`an empty ${name}`, () => claiming({ [name]: '' })],
      [`another ${name}`, () => claiming({ [name]: 'https://evil.example' })],
      [`${name} that only begins well`, () => claiming({ [name]: `${value}.evil.example` })],
      [`${name} with a slash more`, () => claiming({ [name]: `${value}/` })],
      [`${name} in another case`, () => claiming({ [name]: value.toUpperCase() })],
      [`${name} in an array`, () => claiming({ [name]: [value] })],
      [`${name} among others`, () => claiming({ [name]: ['https://evil.example', value] })],
      [`${name} in an object`, () => claiming({ [name]: { value } })],
    ];
  }),
  ...['sub', 'sid', 'jti'].flatMap((name): Forgery[] => [
    [`no ${name}`, () => claiming({ [name]: undefined })],
    [`an empty ${name}`, () => claiming({ [name]: '' })],
    [`${name} null`, () => claiming({ [name]: null })],
    [`a number as ${name}`, () => claiming({ [name]: 7 })],
    [`an array as ${name}`, () => claiming({ [name]: ['ada'] })],
    [`{ $ne } as ${name}`, () => claiming({ [name]: { $ne: null } })],
    [`a very long ${name}`, () => claiming({ [name]: 'a'.repeat(65) })],
    [`a null byte in ${name}`, () => claiming({ [name]: 'ada\0' })],
    [`a newline after ${name}`, () => claiming({ [name]: 'ada\n' })],
  ]),
  ['no ep', () => claiming({ ep: undefined })],
  ['ep as a string', () => claiming({ ep: '0' })],
  ['negative ep', () => claiming({ ep: -1 })],
  ['ep with a fraction', () => claiming({ ep: 0.5 })],
  ['ep past what is exact', () => claiming({ ep: 2 ** 53 })],
  ['ep in an object', () => claiming({ ep: { $gte: 0 } })],
  ['no roles', () => claiming({ roles: undefined })],
  ['roles as a string', () => claiming({ roles: 'learner' })],
  ['roles as an object', () => claiming({ roles: { 0: 'learner', length: 1 } })],
  ['a role nobody knows', () => claiming({ roles: ['learner', 'root'] })],
  ['a role that is no string', () => claiming({ roles: [['learner']] })],
  ['a role in another case', () => claiming({ roles: ['Learner'] })],
  ['a role of the gateway', () => claiming({ roles: ['learner', 'gateway'] })],
  ['a role twice', () => claiming({ roles: ['learner', 'learner'] })],
];

const PAYLOADS: readonly Forgery[] = [
  ['null as payload', () => craftToken({ payload: 'null' })],
  ['an array as payload', () => craftToken({ payload: `[${good()}]` })],
  ['a string as payload', () => craftToken({ payload: JSON.stringify(good()) })],
  ['a number as payload', () => craftToken({ payload: '42' })],
  ['a payload that is not JSON', () => craftToken({ payload: 'sub=ada' })],
  ['half a payload', () => craftToken({ payload: good().slice(0, -1) })],
  [
    'a payload with typ JWT that is not JSON, on which jsonwebtoken throws a SyntaxError',
    () => craftToken({ header: header({ typ: 'JWT' }), payload: '{' }),
  ],
  ['an empty object as payload', () => craftToken({ payload: '{}' })],
  ['sub twice, the good one last', () => craftToken({ payload: good().replace('{', '{"sub":"mallory",') })],
  ['sub twice, the good one first', () => craftToken({ payload: good().replace('}', ',"sub":"mallory"}') })],
  ['exp twice with the same', () => craftToken({ payload: good().replace(/("exp":\d+)/, '$1,$1') })],
  ['a claim twice inside another', () => craftToken({ payload: good().replace('{', '{"act":{"sub":"a","sub":"b"},') })],
  ['claims by __proto__ alone', () => craftToken({ payload: `{"__proto__":${good()}}` })],
  [
    'a payload that is not UTF-8',
    () => craftToken({ payload: Buffer.from(good().replace('{', '{"name":"ÿ",'), 'latin1') }),
  ],
  ['a payload with a byte order mark', () => craftToken({ payload: `\uFEFF${good()}` })],
];

const FORMS: readonly Forgery[] = [
  ['one part', () => base64url(good())],
  ['two parts', () => buildToken().split('.').slice(0, 2).join('.')],
  ['two parts and a dot', () => `${buildToken().split('.').slice(0, 2).join('.')}.`],
  ['four parts', () => `${buildToken()}.AAAA`],
  ['four parts, the last empty', () => `${buildToken()}.`],
  ['five parts, as an encrypted token has', () => `${buildToken()}.AAAA.AAAA`],
  ['an empty header', () => withPart(buildToken(), 0, () => '')],
  ['an empty payload', () => withPart(buildToken(), 1, () => '')],
  ['dots alone', () => '..'],
  ['padding', () => withPart(buildToken(), 2, (part) => `${part}==`)],
  ['padding in the header', () => withPart(buildToken(), 0, (part) => `${part}=`)],
  ['the alphabet of plain base64', () => withPart(buildToken(), 1, (part) => `${part}+/`)],
  ['a space after a dot', () => buildToken().replace('.', '. ')],
  ['a space at the end', () => `${buildToken()} `],
  ['a newline inside', () => buildToken().replace('.', '\n.')],
  ['a newline at the end', () => `${buildToken()}\n`],
  ['percent-encoding', () => buildToken().replaceAll('.', '%2E')],
  ['a null byte', () => `${buildToken()}\0`],
  ['quotes', () => `"${buildToken()}"`],
  ['the JSON form of a JWS', () => JSON.stringify({ payload: base64url(good()), signatures: [] })],
  ['more than 4 KiB, though signed', () => claiming({ note: 'x'.repeat(3000) })],
  ['a megabyte', () => 'a'.repeat(1_000_000)],
  ['ten thousand dots', () => '.'.repeat(10_000)],
];

function resized(part: string, bytes: number): string {
  return Buffer.concat([Buffer.from(part, 'base64url'), Buffer.alloc(1)])
    .subarray(0, bytes)
    .toString('base64url');
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
/** Forged access tokens by what is forged. Everything that takes a token must refuse all of them alike. */
export const FORGERIES: readonly (readonly [what: string, forgeries: readonly Forgery[]])[] = [
  ['an algorithm', ALGORITHMS],
  ['a signature', SIGNATURES],
  ['a header', HEADERS],
  ['a key id', KEY_IDS],
  ['a claim', CLAIMS],
  ['a payload', PAYLOADS],
  ['a form', FORMS],
];
