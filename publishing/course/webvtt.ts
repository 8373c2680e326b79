import { type Report, START } from '../reporting/issue.ts';

/** The first line of a WebVTT file (W3C WebVTT, section 4.1). */
const SIGNATURE = /^WEBVTT(?:[ \t].*)?$/;

const TIMESTAMP = String.raw`(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})`;
const TIMING = new RegExp(String.raw`^${TIMESTAMP}[ \t]+-->[ \t]+${TIMESTAMP}(?:[ \t].*)?$`);

/**
 * Reports errors that would keep a player from showing the captions.
 * @param durationSeconds of the recording. Undefined if unknown.
 */
export function checkWebVtt(text: string, durationSeconds: number | undefined, report: Report): void {
  const lines = text.split('\n');
  if (!SIGNATURE.test(lines[0] ?? '')) {
    report(START, 'not WebVTT: the first line must be WEBVTT');
    return;
  }
  const cues = [...lines.entries()].filter(([, line]) => line.includes('-->'));
  if (cues.length === 0) report(START, 'no captions found: each needs a line such as 00:01.000 --> 00:04.500');

  for (const [index, line] of cues) {
    const place = { line: index + 1, column: 1 };
    const [, ...parts] = TIMING.exec(line) ?? [];
    if (parts.length === 0) report(place, 'invalid cue timings: write them as 00:01.000 --> 00:04.500');
    else if (seconds(parts.slice(4)) <= seconds(parts.slice(0, 4))) report(place, 'the cue ends before it starts');
    else if (seconds(parts.slice(0, 4)) >= (durationSeconds ?? Infinity)) {
      report(place, `the recording ends earlier, at ${durationSeconds} s`);
    }
  }
}

function seconds([hours = '0', minutes, wholeSeconds, milliseconds]: readonly (string | undefined)[]): number {
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(wholeSeconds) + Number(milliseconds) / 1000;
}
