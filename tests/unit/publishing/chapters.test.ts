import { checkChapters } from '../../../publishing/course/chapters.ts';

const DURATION_SECONDS = 100;

function faultsOf(json: string, durationSeconds: number | undefined): string[] {
  const faults: string[] = [];
  checkChapters(json, durationSeconds, ({ line, column }, message) => faults.push(`${line}:${column} ${message}`));
  return faults;
}

/** A file with a line for each chapter, of which the first is line 4. */
const file = (...chapters: readonly string[]) => `{
  "version": "1.2.0",
  "chapters": [
${chapters.map((chapter) => `    ${chapter}`).join(',\n')}
  ]
}
`;

describe('the chapters of a recording', () => {
  it('may have all that podcast apps know', () => {
    const json = `{
\t"version": "1.2.0", "author": "Ada Moore", "title": "Sound", "podcastName": "Ears", "description": "x", "fileName": "a.mp3",
\t"waypoints": true,
\t"chapters": [
\t\t{ "startTime": 0, "title": "A \\"clap\\" \\u00e4", "img": "https://example.com/a.jpg", "url": "https://example.com" },
\t\t{ "startTime": 12.5, "endTime": 20, "toc": false, "location": { "name": "Here", "geo": "geo:1,2", "osm": "R1" } },
\t\t{ "startTime": 99.9, "title": "End", "endTime": 100, "toc": true }
\t]
}`;
    expect(faultsOf(json, DURATION_SECONDS)).toEqual([]);
  });

  it('may be those of a recording that could not be measured', () => {
    expect(faultsOf(file('{ "startTime": 4000, "title": "a" }'), undefined)).toEqual([]);
  });

  it.each([
    ['are no JSON', 'version: 1.2.0\n', '1:1 not JSON'],
    ['end too early', '{\n  "version": "1.2.0",\n', '3:1 not JSON'],
    ['are empty', '', '1:1 not JSON'],
    ['have a comma too many', file('{ "startTime": 0, "title": "a", }'), '4:37 not JSON'],
    ['are a list', '[]', '1:1 must be a set of keys with their values'],
    [
      'are of another version',
      file('{ "startTime": 0, "title": "a" }').replace('1.2.0', '2.0.0'),
      '2:14 "version" must be one of 1.2.0 (did you mean "1.2.0"?)',
    ],
    ['are none', file(), '3:15 "chapters" must have at least 1'],
    ['have no times', file('{ "title": "a" }'), '4:5 "startTime" is missing'],
    ['have times in words', file('{ "startTime": "0:10", "title": "a" }'), '4:20 "startTime" must be a number'],
    ['start before the recording', file('{ "startTime": -1, "title": "a" }'), '4:20 "startTime" must be >= 0'],
    ['have unknown keys', file('{ "startTime": 0, "titel": "a" }'), '4:23 unknown key "titel" (did you mean "title"?)'],
    ['have a key twice', file('{ "startTime": 0, "title": "a", "title": "b" }'), '4:37 Map keys must be unique'],
    ['are listed without a title', file('{ "startTime": 0 }'), '4:5 "title" is missing, and the chapter is listed'],
    [
      'show a picture without encryption',
      file('{ "startTime": 0, "title": "a", "img": "http://example.com/a.jpg" }'),
      '4:44 "img" must be an address that starts with https://',
    ],
    [
      'link to a script',
      file('{ "startTime": 0, "title": "a", "url": "javascript:alert(1)" }'),
      '4:44 "url" must be an address that starts with https://',
    ],
    [
      'go back',
      file('{ "startTime": 20, "title": "a" }', '{ "startTime": 10, "title": "b" }'),
      '5:20 the chapter does not start after the one before it',
    ],
    [
      'start twice at once',
      file('{ "startTime": 20, "title": "a" }', '{ "startTime": 20, "title": "b" }'),
      '5:20 the chapter does not start after the one before it',
    ],
    ['start when all is over', file('{ "startTime": 100, "title": "a" }'), '4:20 the recording ends before, at 100 s'],
    [
      'end before they start',
      file('{ "startTime": 20, "endTime": 20, "title": "a" }'),
      '4:35 the chapter ends before it starts',
    ],
    [
      'end when all is over',
      file('{ "startTime": 20, "endTime": 100.1, "title": "a" }'),
      '4:35 the recording ends before, at 100 s',
    ],
  ])('are refused when they %s', (_, json, expected) => {
    expect(faultsOf(json, DURATION_SECONDS)).toEqual([expected]);
  });
});
