import { isObject } from '../platform/http.ts';
import { withinTime } from '../platform/time-limit.ts';
import type { KeyValueStorage } from '../storage.ts';
import type { MediaElement } from './media-element.ts';

/** What a learner has chosen, for the next lessons too. */
export interface Settings {
  readonly speed: number;
  /** The language of captions. Null if the learner never chose one. */
  readonly language: string | null;
  readonly isShown: boolean;
}

export interface SettingsOptions {
  readonly storage?: KeyValueStorage | undefined;
  readonly userId?: string | undefined;
}

/** Applies the choices of a learner to a media element, and stores new ones. */
export interface SettingsKeeper {
  /** The learner changed the speed. */
  keepSpeed(): void;
  /** Call it once the element has its tracks. */
  showCaptions(): void;
  /** The learner changed the captions. */
  keepCaptions(): void;
}

const UNKNOWN: Settings = { speed: 1, language: null, isShown: false };

/** Players start without the settings of a storage that takes longer. */
const STORAGE_LIMIT_MS = 1000;

export async function readSettings({ storage, userId = '' }: SettingsOptions): Promise<Settings> {
  try {
    const text = await withinTime(STORAGE_LIMIT_MS, storage?.getItem(keyOf(userId)) ?? null);
    const stored: unknown = JSON.parse(text ?? 'null');
    return isSettings(stored) ? stored : UNKNOWN;
  } catch {
    // A lesson plays without them as well.
    return UNKNOWN;
  }
}

export function keepSettings(media: MediaElement, settings: Settings, options: SettingsOptions): SettingsKeeper {
  const { storage, userId = '' } = options;
  let current = settings;
  /** The language of the captions on display. Undefined before the element has its tracks. */
  let shown: string | null | undefined;
  // The default as well, because the element takes it with each source.
  media.defaultPlaybackRate = media.playbackRate = settings.speed;

  function keep(change: Partial<Settings>): void {
    current = { ...current, ...change };
    const stored = (async () => storage?.setItem(keyOf(userId), JSON.stringify(current)))();
    // Then the next lesson has the choice before.
    stored.catch(() => undefined);
  }

  return {
    keepSpeed() {
      const { playbackRate: speed } = media;
      // Some apps pause by a speed of 0.
      if (speed === current.speed || speed === 0) return;
      media.defaultPlaybackRate = speed;
      keep({ speed });
    },
    showCaptions() {
      if (shown !== undefined) return;
      const { language, isShown } = current;
      const tracks = Array.from(media.textTracks);
      if (tracks.some((track) => track.language === language)) {
        for (const track of tracks) {
          if (isShown && track.language === language) track.mode = 'showing';
          else if (track.mode === 'showing') track.mode = 'hidden';
        }
      }
      shown = shownLanguage(media);
    },
    keepCaptions() {
      const before = shown;
      if (before === undefined) return;
      shown = shownLanguage(media);
      if (shown !== before) keep(shown === null ? { isShown: false } : { language: shown, isShown: true });
    },
  };
}

function shownLanguage({ textTracks }: MediaElement): string | null {
  return Array.from(textTracks).find(({ mode }) => mode === 'showing')?.language ?? null;
}

function keyOf(userId: string): string {
  return `lectern/player/${userId}`;
}

function isSettings(stored: unknown): stored is Settings {
  return (
    isObject(stored) &&
    Number(stored['speed']) >= 0.1 &&
    Number(stored['speed']) <= 10 &&
    (stored['language'] === null || typeof stored['language'] === 'string') &&
    typeof stored['isShown'] === 'boolean'
  );
}
