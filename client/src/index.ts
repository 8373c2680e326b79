import { type Api, createApi } from './api.ts';
import { type Downloads, type FileStore, openDownloads } from './downloads.ts';
import type { Fetch } from './platform/http.ts';
import { type LessonOptions, type LessonPlayer, playLesson } from './player.ts';
import type { HlsPlayer } from './playing/media-element.ts';
import { openProgressQueue, type ProgressQueue, type QueueOptions } from './progress-queue.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import type { KeyValueStorage } from './storage.ts';

/* All parts of the client, wired for the learner who is signed in. Each part can be imported alone as well. */

export type { KeyValueStorage } from './storage.ts';

export interface LecternOptions
  extends Pick<SessionOptions, 'onSignedOut' | 'deviceName'>,
    Pick<QueueOptions, 'onRejected' | 'onUnreadable'> {
  /** Such as `https://api.example.com/v1`. */
  readonly baseUrl: string;
  /** Keeps progress, settings, and what is downloaded. */
  readonly storage: KeyValueStorage;
  /** Keeps the tokens. By default `storage`; on phones a secure one. */
  readonly secureStorage?: KeyValueStorage;
  /** Keeps downloaded files. Without it, there are no downloads. */
  readonly files?: FileStore;
  /** Called when the learner or their progress has changed: render again. */
  readonly onChange?: () => void;
  readonly fetch?: Fetch;
}

/** What belongs to one learner on this device. */
export interface Learner {
  readonly userId: string;
  readonly progress: ProgressQueue;
  /** Null if the app has no `files`. */
  readonly downloads: Downloads | null;
}

export type PlayOptions<Player extends HlsPlayer> = Omit<
  LessonOptions<Player>,
  'baseUrl' | 'accessToken' | 'queue' | 'storage' | 'userId' | 'fetch'
>;

export interface Lectern {
  readonly api: Api;
  readonly session: Session;
  /**
   * Returns what belongs to the learner who is signed in, or null. It ends when they sign out, in any tab.
   * @throws what the storage throws
   */
  learner(): Promise<Learner | null>;
  /**
   * Plays a lesson in a media element: with the progress and the settings of the learner, or as a preview if nobody is
   * signed in.
   * @throws like `openPlayback`
   */
  play<Player extends HlsPlayer>(lesson: PlayOptions<Player>): Promise<LessonPlayer<Player>>;
  /** Sends progress, and fetches that of other devices. Call it when the app comes to the front, and by a button. */
  sync(): Promise<void>;
  close(): void;
}

/** Opens everything that the app needs, with the learner who was signed in when it ended. */
export async function createLectern(options: LecternOptions): Promise<Lectern> {
  const { baseUrl, storage, secureStorage, files, onChange = () => undefined } = options;
  const network = options.fetch === undefined ? {} : { fetch: options.fetch };
  const { onSignedOut, deviceName, onRejected, onUnreadable } = options;
  const session = await openSession({
    ...{ baseUrl, storage: secureStorage ?? storage, ...network },
    ...(onSignedOut && { onSignedOut }),
    ...(deviceName !== undefined && { deviceName }),
  });
  const api = createApi({ baseUrl, accessToken: session.accessToken, ...network });
  let current: { readonly userId: string; readonly opened: Promise<Learner> } | null = null;

  async function open(userId: string): Promise<Learner> {
    const accessToken = session.accessTokenOf(userId);
    const progress = await openProgressQueue({
      ...{ baseUrl, accessToken, storage, userId, onChange, ...network },
      ...(onRejected && { onRejected }),
      ...(onUnreadable && { onUnreadable }),
    });
    progress.start();
    const downloads = files ? openDownloads({ baseUrl, accessToken, userId, files, storage, ...network }) : null;
    return { userId, progress, downloads };
  }

  function leave(): void {
    current?.opened.then(
      ({ progress }) => progress.stop(),
      () => undefined,
    );
    current = null;
  }

  /** Returns what belongs to the present learner. Opens it anew for another one, or after it could not be opened. */
  async function learner(): Promise<Learner | null> {
    const userId = session.user()?.id;
    if (current?.userId !== userId) leave();
    if (userId === undefined) return null;
    current ??= { userId, opened: open(userId) };
    const mine = current;
    return mine.opened.catch((error: unknown) => {
      if (current === mine) current = null;
      throw error;
    });
  }

  const stopFollowing = session.onChange(() => {
    // A failure is told by the next call.
    learner().catch(() => undefined);
    onChange();
  });
  await learner().catch(() => undefined);

  return {
    api,
    session,
    learner,
    async play(lesson) {
      const mine = await learner();
      if (mine === null) return playLesson({ ...lesson, baseUrl, accessToken: null, storage, ...network });
      const { userId, progress: queue } = mine;
      const accessToken = session.accessTokenOf(userId);
      return playLesson({ ...lesson, baseUrl, accessToken, queue, storage, userId, ...network });
    },
    async sync() {
      await (await learner())?.progress.pull();
    },
    close() {
      stopFollowing();
      leave();
      session.close();
    },
  };
}
