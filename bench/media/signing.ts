import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { getSignedUrl } from '@aws-sdk/cloudfront-signer';
import { createPlaybackGrant } from '../../functions/media-url/playback-grant.ts';
import type { PlayableLesson } from '../../functions/media-url/recording-repository.ts';
import { grantLifetime } from '../../shared/media/lifetime.ts';
import { mediaUrl, signedFileUrl } from '../../shared/media/signature.ts';
import { type Summary, summarize } from '../measuring/statistics.ts';
import { FILE, playable, STREAM } from './lessons.ts';

/** What one way to make links takes. */
export interface SigningFigures {
  readonly what: string;
  readonly perSecond: Summary;
}

export interface SigningEffort {
  readonly rounds: number;
  readonly milliseconds: number;
}

/** A key pair as CloudFront takes them. */
export const PRIVATE_KEY = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
}).privateKey;

export const KEY_PAIR_ID = 'K2JCJMDEHXQW5F';

/** Long enough that V8 has compiled what is hot. */
const WARM_UP_MILLISECONDS = 300;

/** Times each way to sign in turns, in this process. */
export function measureSigning({ rounds, milliseconds }: SigningEffort): readonly SigningFigures[] {
  const ways = Object.entries(waysToSign());
  for (const [, make] of ways) perSecond(make, WARM_UP_MILLISECONDS);
  const samples = new Map(ways.map(([what]) => [what, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [what, make] of ways) samples.get(what)?.push(perSecond(make, milliseconds));
  }
  return [...samples].map(([what, values]) => ({ what, perSecond: summarize(values) }));
}

function waysToSign(): Readonly<Record<string, () => unknown>> {
  const key = { keyPairId: KEY_PAIR_ID, privateKey: createPrivateKey(PRIVATE_KEY) };
  const lifetime = grantLifetime(600, new Date(), null);
  const { expiresAt } = lifetime;
  const url = mediaUrl(FILE.key);
  const policy = Buffer.from(
    `{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":${expiresAt.getTime() / 1000}}}}]}`,
  );
  const grantOf = (lesson: PlayableLesson) => () => createPlaybackGrant(lesson, key, lifetime);
  return {
    'the signature alone, by `node:crypto`': () => sign('sha256', policy, key.privateKey),
    '`@aws-sdk/cloudfront-signer`, given a PEM': () =>
      getSignedUrl({
        keyPairId: KEY_PAIR_ID,
        privateKey: PRIVATE_KEY,
        url,
        dateLessThan: expiresAt,
        algorithm: 'SHA256',
      }),
    'a link, `signedFileUrl`': () => signedFileUrl(key, FILE.key, expiresAt),
    'a grant of a file': grantOf(playable('file', { file: FILE, stream: null })),
    'a grant of a stream': grantOf(playable('stream', { file: null, stream: STREAM })),
    'a grant of both, two signatures': grantOf(playable('both', { file: FILE, stream: STREAM })),
  };
}

/** How often something can be done in a second, one after the other. */
function perSecond(make: () => unknown, milliseconds: number): number {
  const start = performance.now();
  let done = 0;
  while (performance.now() - start < milliseconds) {
    make();
    done += 1;
  }
  return (done * 1000) / (performance.now() - start);
}
