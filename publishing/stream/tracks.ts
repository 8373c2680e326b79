import { isNativeError } from 'node:util/types';
import type { InputAudioTrack, InputVideoTrack } from 'mediabunny';
import type { StreamSource } from './ladder.ts';
import type { Variant } from './master-playlist.ts';

/** What a recording has that a stream can be made of, and how long it lasts. Null when it has nothing, or is no recording. */
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

/** What a master playlist has to say of a rendition, as one of its segments has it. Null when it cannot be read. */
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

/** The first picture and the first sound of a file, which are the ones that ffmpeg is asked for. */
async function withTracks<T>(
  file: string,
  read: (video: InputVideoTrack | null, audio: InputAudioTrack | null) => Promise<T>,
): Promise<T | null> {
  // Loaded on use, since it takes longer than all else of an import that makes no stream.
  const { ALL_FORMATS, FilePathSource, Input, Logging, LogLevel } = await import('mediabunny');
  // A codec unknown to it may well be known to ffmpeg, which has the last word.
  Logging.level = LogLevel.Silent;
  const input = new Input({ source: new FilePathSource(file), formats: ALL_FORMATS });
  try {
    if (!(await input.canRead())) return null;
    const [video = null] = await input.getVideoTracks();
    const [audio = null] = await input.getAudioTracks();
    return video || audio ? await read(video, audio) : null;
  } catch (error) {
    // What is not of the system is of the file: there are as many errors as ways for bytes to be wrong.
    if (isNativeError(error) && 'syscall' in error) throw error;
    return null;
  } finally {
    input.dispose();
  }
}
