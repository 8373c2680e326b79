/** A parsed line of the logger. */
type LogLine = Readonly<Record<string, unknown>>;

/** Lets a test file read the functions' logs, from the first line on. Call it once, at the top of the file. */
export function useLogs(): { lines(): readonly LogLine[]; text(): string } {
  process.env['POWERTOOLS_LOG_LEVEL'] = 'DEBUG';
  let written: string[] = [];

  beforeEach(() => {
    written = [];
    for (const level of ['debug', 'info', 'warn', 'error'] as const) {
      jest.spyOn(console, level).mockImplementation((...[line]: unknown[]) => void written.push(String(line)));
    }
  });
  afterEach(() => jest.restoreAllMocks());

  return { text: () => written.join('\n'), lines: () => written.map((line) => JSON.parse(line) as LogLine) };
}
