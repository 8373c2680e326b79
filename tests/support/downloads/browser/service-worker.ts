import { type FetchEventLike, handleFetch } from '../../../../client/src/browser/service-worker.ts';

/* The app's own worker, which keeps the app itself as well. */

interface WorkerEvent extends Event {
  waitUntil(done: Promise<unknown>): void;
}

interface WorkerScope {
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
  addEventListener(type: 'install' | 'activate', listener: (event: WorkerEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEventLike) => void): void;
}

const worker = globalThis as unknown as WorkerScope;
const SHELL = ['/', '/page.js'];

worker.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open('app')
      .then((cache) => cache.addAll(SHELL))
      .then(() => worker.skipWaiting()),
  );
});
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener('fetch', (event) => {
  if (handleFetch(event)) return;
  const { origin, pathname } = new URL(event.request.url);
  if (origin !== location.origin || !SHELL.includes(pathname)) return;
  event.respondWith(caches.match(pathname).then((stored) => stored ?? fetch(event.request)));
});
