// Runs before each test file: functions log nothing, and through the console, where `useLogs()` can listen.
process.env['POWERTOOLS_DEV'] = 'true';
process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
// The SDK warns that versions of 2027 will need Node 22; the tests also run on Node 20.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
