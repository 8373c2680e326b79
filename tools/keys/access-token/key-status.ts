import { describeNextStep, formatTime } from '../rotation/next-step.ts';
import { type KeyRing, oldKeyIds } from './key-ring.ts';
import { nextStep } from './key-rotation.ts';

/** Describes the access-token keys for `show`. It never shows more of a key than its id. */
export function describeKeys(ring: KeyRing, now: Date): readonly string[] {
  const { signing, next, published } = ring;
  const isPublished = (kid: string) => published?.keys.has(kid) ?? false;
  return [
    'Access-token keys:',
    signing === null
      ? '  no key signs'
      : `  signs  ${signing.key.kid}  since ${formatTime(signing.since)}${isPublished(signing.key.kid) ? '' : ', NOT PUBLISHED'}`,
    ...(next !== null && next.kid !== signing?.key.kid
      ? [`  next   ${next.kid}  ${isPublished(next.kid) ? 'published' : 'not published yet'}`]
      : []),
    ...oldKeyIds(ring).map((kid) => `  old    ${kid}  still accepted`),
    published === null ? '  no key is published' : `  The key set was published at ${formatTime(published.since)}.`,
    describeNextStep(nextStep(ring), now),
  ];
}
