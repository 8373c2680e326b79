import { readableUntil } from '../../shared/access/can-read.ts';
import { Reply } from '../../shared/http/answer.ts';
import { grantLifetime } from '../../shared/media/lifetime.ts';
import { currentMediaKey } from '../../shared/media/media-signing-key.ts';
import { signedFileUrl } from '../../shared/media/signature.ts';
import { findEpisodeByHash } from './feed-repository.ts';
import { feedTokenHash } from './feed-token.ts';
import { mayListen, noSuchFeed } from './subscriber.ts';

/**
 * Leads to the recording of an episode, by a link that is signed now.
 * @param name the id of the lesson, with or without the extension of its file
 * @throws Problem `not-found` or `unavailable`.
 */
export async function findEpisode(token: string, name: string, now = new Date()): Promise<Reply<undefined>> {
  const [lessonId = ''] = name.split('.');
  const [key, episode] = await Promise.all([currentMediaKey(), findEpisodeByHash(feedTokenHash(token), lessonId)]);
  if (episode === null || !mayListen(episode, now)) throw noSuchFeed();
  const { expiresAt } = grantLifetime(
    episode.durationSeconds ?? 0,
    now,
    readableUntil(episode.access, episode.account, episode.grant),
  );
  return new Reply(302, undefined, { Location: signedFileUrl(key, episode.file.key, expiresAt) });
}
