import type { Listen } from './listeners.ts';
import type { MediaElement } from './media-element.ts';
import type { Meter } from './meter.ts';

/** `HTMLMediaElement.HAVE_CURRENT_DATA`. Before, the position may be one that the element has yet to go to. */
const HAVE_CURRENT_DATA = 2;

/** Measures what a media element plays. Returns a function that records the last part. */
export function measure(media: MediaElement, meter: Meter, listen: Listen): () => void {
  function look(): void {
    const { seeking, readyState, currentTime, paused, ended, playbackRate } = media;
    if (seeking) meter.seeked(currentTime);
    else if (readyState >= HAVE_CURRENT_DATA) meter.progress(currentTime, !paused && !ended, playbackRate);
  }

  function leave(): void {
    look();
    meter.leave();
  }

  const page = media.ownerDocument;
  listen(media, 'timeupdate playing ratechange seeked', look);
  listen(media, 'seeking', () => meter.seeked(media.currentTime));
  listen(media, 'pause ended', leave);
  listen(page, 'visibilitychange', leave);
  if (page.defaultView) listen(page.defaultView, 'pagehide', leave);
  return leave;
}
