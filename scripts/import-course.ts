import { runImportCourse } from './import/command.ts';

process.exitCode = await runImportCourse(process.argv.slice(2));
