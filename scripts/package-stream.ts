import { parseArgs } from 'node:util';
import { packageStream } from '../publishing/stream/package-stream.ts';
import { messageOf } from '../tools/platform/errors.ts';
import { findProgram } from '../tools/platform/programs.ts';

// `npx tsx scripts/package-stream.ts RECORDING FOLDER [--captions LANGUAGE:LABEL:FILE]…`: makes an HLS stream of a
// recording.

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { captions: { type: 'string', multiple: true, default: [] } },
  });
  const [input, folder] = positionals;
  if (input === undefined || folder === undefined || positionals.length > 2) {
    throw new Error('specify a recording and the folder for its stream');
  }
  const ffmpeg = findProgram('ffmpeg');
  if (ffmpeg === null) throw new Error('ffmpeg is not on the PATH');
  await packageStream({ ffmpeg, input, folder, captions: values.captions.map(trackOf) });
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

function trackOf(argument: string) {
  const [language, label, ...file] = argument.split(':');
  if (!language || !label || file.length === 0)
    throw new Error(`--captions must be LANGUAGE:LABEL:FILE, not ${argument}`);
  return { language, label, file: file.join(':') };
}
