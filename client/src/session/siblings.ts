/** The part of a BroadcastChannel that the client uses. */
interface Channel {
  onmessage: ((message: never) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
  /** In Node: lets the process end. */
  unref?(): void;
}

/** The other tabs and workers of the app, where there are any. */
export function siblings(onNews: () => void): { tell(): void; close(): void } {
  const { BroadcastChannel } = globalThis as { BroadcastChannel?: new (name: string) => Channel };
  const channel = BroadcastChannel && new BroadcastChannel('lectern.session');
  if (channel === undefined) return { tell: () => undefined, close: () => undefined };
  channel.onmessage = onNews;
  channel.unref?.();
  return { tell: () => channel.postMessage(null), close: () => channel.close() };
}
