import { checkChapters } from '../../../publishing/course/chapters.ts';

const DURATION_SECONDS = 100;

function issuesIn(json: string, durationSeconds: number | undefined): string[] {
  const issues: string[] = [];
  checkChapters(json, durationSeconds, ({ line, column }, message) => issues.push(`${line}:${column} ${message}`));
  return issues;
}

/** A file with one line per chapter. The first is line 4. */
const file = (...chapters: readonly string[]) => `{
  "version": "1.2.0",
  "chapters": [
${chapters.map((chapter) => `    ${chapter}`).join(',\n')}
  ]
}
`;

describe('the chapters of a recording', () => {
  it('may use every field that podcast apps know', () => {
    const json = `{
\t"version": "1.2.0", "author": "Ada Moore", "title": "Sound", "podcastName": "Ears", "description": "x", "fileName": "a.mp3",
\t"waypoints": true,
\t"chapters": [
\t\t{ "startTime": 0, "title": "A \\"clap\\" \\u00e4", "img": "https://example.com/a.jpg", "url": "https://example.com" },
\t\t{ "startTime": 12.5, "endTime": 20, "toc": false, "location": { "name": "Here", "geo": "geo:1,2", "osm": "R1" } },
\t\t{ "startTime": 99.9, "title": "End", "endTime": 100, "toc": true }
\t]
}`;
    expect(issuesIn(json, DURATION_SECONDS)).toEqual([]);
  });

  it('are accepted for a recording that could not be measured', () => {
    expect(issuesIn(file('{ "startTime": 4000, "title": "a" }'), undefined)).toEqual([]);
  });

  it.each([
    ['are not JSON', 'version: 1.2.0\n', '1:1 not valid JSON'],
    ['are truncated', '{\n  "version": "1.2.0",\n', '3:1 not valid JSON'],
    ['are empty', '', '1:1 not valid JSON'],
    ['have a trailing comma', file('{ "startTime": 0, "title": "a", }'), '4:37 not valid JSON'],
    ['are a list', '[]', '1:1 must be a mapping of keys to values'],
    [
      'have another version',
      file('{ "startTime": 0, "title": "a" }').replace('1.2.0', '2.0.0'),
      '2:14 "version" must be one of 1.2.0 (did you mean "1.2.0"?)',
    ],
    ['are an empty list', file(), '3:15 "chapters" must have at least 1 item'],
    ['have no times', file('{ "title": "a" }'), '4:5 "startTime" is missing'],
    ['have times as text', file('{ "startTime": "0:10", "title": "a" }'), '4:20 "startTime" must be a number'],
    ['start before the recording', file('{ "startTime": -1, "title": "a" }'), '4:20 "startTime" must be >= 0'],
    ['have unknown keys', file('{ "startTime": 0, "titel": "a" }'), '4:23 unknown key "titel" (did you mean "title"?)'],
    ['have a key twice', file('{ "startTime": 0, "title": "a", "title": "b" }'), '4:37 Map keys must be unique'],
    ['are listed without a title', file('{ "startTime": 0 }'), '4:5 "title" is missing: a listed chapter needs one'],
    [
      'show a picture over http',
      file('{ "startTime": 0, "title": "a", "img": "http://example.com/a.jpg" }'),
      '4:44 "img" must be a URL that starts with https://',
    ],
    [
      'link to a script',
      file('{ "startTime": 0, "title": "a", "url": "javascript:alert(1)" }'),
      '4:44 "url" must be a URL that starts with https://',
    ],
    [
      'are out of order',
      file('{ "startTime": 20, "title": "a" }', '{ "startTime": 10, "title": "b" }'),
      '5:20 this chapter must start after the previous one',
    ],
    [
      'start at the same time',
      file('{ "startTime": 20, "title": "a" }', '{ "startTime": 20, "title": "b" }'),
      '5:20 this chapter must start after the previous one',
    ],
    [
      'start after the recording',
      file('{ "startTime": 100, "title": "a" }'),
      '4:20 the recording ends earlier, at 100 s',
    ],
    [
      'end before they start',
      file('{ "startTime": 20, "endTime": 20, "title": "a" }'),
      '4:35 the chapter ends before it starts',
    ],
    [
      'end after the recording',
      file('{ "startTime": 20, "endTime": 100.1, "title": "a" }'),
      '4:35 the recording ends earlier, at 100 s',
    ],
  ])('are refused when they %s', (_, json, expected) => {
    expect(issuesIn(json, DURATION_SECONDS)).toEqual([expected]);
  });
});
