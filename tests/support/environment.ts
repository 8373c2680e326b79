// Runs before each test file: functions log nothing, and through the console, where `useLogs()` can listen.
process.env['POWERTOOLS_DEV'] = 'true';
process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
