import type { Journey } from './journey.ts';
import { ACCOUNT } from './journeys/account.ts';
import { LESSONS } from './journeys/lessons.ts';
import { PLAYBACK } from './journeys/playback.ts';
import { PODCAST } from './journeys/podcast.ts';

/** Requests that depend on earlier answers. */
export const JOURNEYS: readonly Journey[] = [ACCOUNT, LESSONS, PLAYBACK, PODCAST];
