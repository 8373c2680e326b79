import { isNativeError } from 'node:util/types';
import type { InputAudioTrack, InputVideoTrack } from 'mediabunny';
import type { StreamSource } from './ladder.ts';
import type { Variant } from './master-playlist.ts';

/**
 * Reads the tracks of a recording that a stream can have, and their duration. Null if there are none, or if it is not a
 * recording.
 */
export function readStreamSource(file: string): Promise<(StreamSource & { readonly seconds: number }) | null> {
  return withTracks(file, async (video, audio) => ({
    seconds: (await (video ?? audio)?.computeDuration()) ?? 0,
    picture: video && { width: await video.getDisplayWidth(), height: await video.getDisplayHeight() },
    sound: audio && {
      channels: await audio.getNumberOfChannels(),
      samplesPerSecond: await audio.getSampleRate(),
      bitsPerSecond: (await audio.computePacketStats()).averageBitrate,
    },
  }));
}

/** Reads what a master playlist says about a rendition from one of its segments. Null if it cannot be read. */
export function readVariant(segment: string): Promise<Pick<Variant, 'codecs' | 'picture'> | null> {
  return withTracks(segment, async (video, audio) => {
    const codecs = [await video?.getCodecParameterString(), await audio?.getCodecParameterString()];
    return {
      codecs: codecs.filter((codec) => typeof codec === 'string'),
      picture: video && {
        width: await video.getDisplayWidth(),
        height: await video.getDisplayHeight(),
        framesPerSecond: (await video.computePacketStats()).averagePacketRate,
      },
    };
  });
}

/** Finds the first video and the first audio track of a file, which are the ones that ffmpeg uses. */
async function withTracks<T>(
  file: string,
  read: (video: InputVideoTrack | null, audio: InputAudioTrack | null) => Promise<T>,
): Promise<T | null> {
  // Loaded on use: it takes longer than an import that makes no stream.
  const { ALL_FORMATS, FilePathSource, Input, Logging, LogLevel } = await import('mediabunny');
  // mediabunny may not know a codec that ffmpeg knows, so ffmpeg decides.
  Logging.level = LogLevel.Silent;
  const input = new Input({ source: new FilePathSource(file), formats: ALL_FORMATS });
  try {
    if (!(await input.canRead())) return null;
    const [video = null] = await input.getVideoTracks();
    const [audio = null] = await input.getAudioTracks();
    return video || audio ? await read(video, audio) : null;
  } catch (error) {
    // An error that is not from the system is in the file: there are as many kinds as ways for bytes to be wrong.
    if (isNativeError(error) && 'syscall' in error) throw error;
    return null;
  } finally {
    input.dispose();
  }
}
