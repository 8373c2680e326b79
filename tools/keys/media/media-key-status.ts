import { describeNextStep, formatTime } from '../rotation/next-step.ts';
import { isPublished, type MediaKeyRing, otherSlot } from './media-key-ring.ts';
import { mediaPhaseOf, nextMediaStep } from './media-key-rotation.ts';
import type { Slot } from './media-keys.ts';

/** Describes the media keys for `show`: slots, and CloudFront's ids of the keys in them. */
export function describeMediaKeys(ring: MediaKeyRing, now: Date): readonly string[] {
  const { signing, next, deployed } = ring;
  const phase = mediaPhaseOf(ring);
  const at = (slot: Slot) => (deployed?.ids[slot] ? `deployed as ${deployed.ids[slot]}` : 'not deployed');
  const old = phase.kind === 'switched' ? otherSlot(phase.signing.slot) : null;
  const emptied = phase.kind === 'steady' && deployed?.ids[otherSlot(phase.signing.slot)];
  return [
    'Media keys:',
    signing === null
      ? '  no key signs'
      : `  signs  slot ${signing.key.slot}  since ${formatTime(signing.since)}, ${isPublished(ring, signing.key) ? at(signing.key.slot) : 'NOT PUBLISHED'}`,
    ...(next !== null && phase.kind !== 'switching'
      ? [
          `  next   slot ${next.slot}  ${phase.kind === 'published' ? `published, ${at(next.slot)}` : 'not published yet'}`,
        ]
      : []),
    ...(old === null ? [] : [`  old    slot ${old}  still accepted, ${at(old)}`]),
    ...(emptied ? [`  old    slot ${otherSlot(phase.signing.slot)}  retired, and still deployed as ${emptied}`] : []),
    describeNextStep(nextMediaStep(ring), now),
  ];
}
