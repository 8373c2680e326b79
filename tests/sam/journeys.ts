import type { Journey } from './journey.ts';
import { ACCOUNT } from './journeys/account.ts';
import { LESSONS } from './journeys/lessons.ts';
import { PLAYBACK } from './journeys/playback.ts';
import { PODCAST } from './journeys/podcast.ts';

/** Requests that follow from the answers before them. */
export const JOURNEYS: readonly Journey[] = [ACCOUNT, LESSONS, PLAYBACK, PODCAST];
