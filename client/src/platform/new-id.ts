interface RandomSource {
  getRandomValues?(bytes: Uint8Array): Uint8Array;
}

/**
 * Returns a random UUID (version 4, RFC 9562 section 5.4). Not with `crypto.randomUUID`, which pages without TLS lack.
 * React Native has no `crypto` at all: its Math.random is enough to tell requests apart, but not against guessing.
 */
export function newUuid(): string {
  const { crypto } = globalThis as { crypto?: RandomSource };
  return 'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replace(/[x8]/g, (place) => {
    const byte = crypto?.getRandomValues?.(new Uint8Array(1))[0] ?? Math.random() * 256;
    return (place === 'x' ? byte & 15 : (byte & 3) | 8).toString(16);
  });
}
