// Runs before each test file. Functions log nothing by default, and log through the console, where `useLogs()` listens.
process.env['POWERTOOLS_DEV'] = 'true';
process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
// The SDK warns that versions of 2027 need Node 22. The tests also run on Node 20.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
