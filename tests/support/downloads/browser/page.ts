import { browserFileStore } from '../../../../client/src/browser/file-store.ts';
import { type DownloadProgress, type Downloads, openDownloads } from '../../../../client/src/downloads.ts';
import type { Account } from './offline-page.ts';

/* A small web app that reads and plays courses offline, as in client/README.md. */

const main = document.querySelector('main') ?? document.body;
let downloads: Downloads;
let progress: DownloadProgress | null = null;
let media: HTMLMediaElement | null = null;

await navigator.serviceWorker.register('/service-worker.js', { type: 'module' });

function open({ baseUrl, userId, accessToken }: Account): void {
  downloads = openDownloads({
    baseUrl,
    userId,
    accessToken: async () => accessToken,
    files: browserFileStore(),
    storage: localStorage,
  });
}

async function show(courseId: string, lessonId: string): Promise<void> {
  const lesson = await downloads.lesson(courseId, lessonId);
  if (lesson === null) throw new Error('It is not downloaded');
  main.innerHTML = lesson.html;
  media = null;
  if (lesson.media === null) return;
  const element = document.createElement(lesson.kind === 'video' ? 'video' : 'audio');
  element.muted = true;
  element.src = lesson.media.url;
  for (const { url, language, label } of lesson.captions) {
    const track = document.createElement('track');
    element.append(Object.assign(track, { kind: 'captions', src: url, srclang: language, label }));
    track.track.mode = 'hidden';
  }
  main.append(element);
  media = element;
  await element.play();
}

async function get(url: string, range?: string) {
  const response = await fetch(url, { headers: range === undefined ? {} : { Range: range } });
  const bytes = await response.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return {
    status: response.status,
    contentType: response.headers.get('Content-Type'),
    contentRange: response.headers.get('Content-Range'),
    length: bytes.byteLength,
    sha256: [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
  };
}

globalThis.offline = {
  isServed: () => navigator.serviceWorker.controller !== null,
  open,
  plan: (courseId) => downloads.plan(courseId),
  download: (courseId) =>
    downloads.download(courseId, {
      onProgress: (now) => {
        progress = now;
      },
    }),
  progress: () => progress,
  list: () => downloads.list(),
  mediaUrl: (courseId, lessonId) => downloads.mediaUrl(courseId, lessonId),
  show,
  shown: () => ({
    imageWidths: [...main.getElementsByTagName('img')].map(({ naturalWidth }) => naturalWidth),
    currentTime: media?.currentTime ?? 0,
    duration: media?.duration ?? 0,
    ended: media?.ended ?? false,
    error: media?.error?.message ?? null,
    cues: [...(media?.textTracks ?? [])].flatMap(({ activeCues }) =>
      [...(activeCues ?? [])].map((cue) => (cue instanceof VTTCue ? cue.text : '')),
    ),
  }),
  seek(seconds) {
    if (media !== null) media.currentTime = seconds;
  },
  get,
};
