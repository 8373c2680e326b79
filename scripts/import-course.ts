import { runImportCourse } from '../tools/import-course/command.ts';

// The SDK warns on each run that versions of 2027 need Node 22. Users of this command cannot act on it.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

process.exitCode = await runImportCourse(process.argv.slice(2));
