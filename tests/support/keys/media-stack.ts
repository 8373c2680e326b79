import type { TestParameterStore } from '../aws/parameter-store.ts';

export const MEDIA_PARAMETERS = {
  a: '/lectern/dev/media-public-key-a',
  b: '/lectern/dev/media-public-key-b',
  keyPairIds: '/lectern/dev/media-key-pair-ids',
} as const;

/** The media keys of the stack of dev, as CloudFront has them. */
export interface MediaStack {
  /** The slots that have a key, with its PEM and CloudFront's id. */
  readonly keys: ReadonlyMap<'a' | 'b', { readonly pem: string; readonly id: string }>;
  /**
   * Does what a deployment does with the slots, by the rules of CloudFront: a key gets an id, and is never changed. Then
   * it writes the ids to their parameter. Functions are not touched.
   */
  deploy(): void;
  /** The PEM of the key with this id. */
  publicKey(id: string): string | undefined;
}

export function createMediaStack({ parameters }: TestParameterStore): MediaStack {
  const keys = new Map<'a' | 'b', { readonly pem: string; readonly id: string }>();
  let keysMade = 0;
  const storedValue = (name: string) => parameters.get(name)?.Value ?? '';

  return {
    keys,
    publicKey: (id) => [...keys.values()].find((key) => key.id === id)?.pem,
    deploy() {
      for (const slot of ['a', 'b'] as const) {
        const pem = storedValue(MEDIA_PARAMETERS[slot]);
        if (pem === '') throw new Error(`${MEDIA_PARAMETERS[slot]} does not exist`);
        const present = keys.get(slot);
        if (pem === 'none') keys.delete(slot);
        else if (present === undefined) {
          keysMade += 1;
          keys.set(slot, { pem, id: `K${keysMade}` });
        } else if (present.pem !== pem) throw new Error('Invalid request provided: AWS::CloudFront::PublicKey');
      }
      if (keys.size === 0) throw new Error('A key group needs a key');
      const Value = JSON.stringify({ a: keys.get('a')?.id ?? '', b: keys.get('b')?.id ?? '' });
      const Name = MEDIA_PARAMETERS.keyPairIds;
      if (storedValue(Name) === Value) return;
      parameters.set(Name, { Name, Type: 'String', Value, LastModifiedDate: Date.now() / 1000 });
    },
  };
}
