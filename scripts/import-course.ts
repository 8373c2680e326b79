import { runImportCourse } from '../tools/import-course/command.ts';

// It says on each run that versions of 2027 will need Node 22; that is nothing to whoever runs this.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

process.exitCode = await runImportCourse(process.argv.slice(2));
