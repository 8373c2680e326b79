import path from 'node:path';
import { runDeploy } from '../tools/deploy/command.ts';
import { describeFailure } from '../tools/environment/aws-errors.ts';

// `npm run deploy -- --environment NAME [--dry-run] [--parameter-overrides KEY=VALUE …]`: deploys the stack.

// The SDK warns on each run that versions of 2027 need Node 22. Users of this command cannot act on it.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

try {
  process.exitCode = await runDeploy(process.argv.slice(2), {
    root: path.resolve(import.meta.dirname, '..'),
    print: (line) => console.log(line),
    report: (line) => console.error(line),
    pruneVersions: async () => undefined,
    smokeTest: async () => true,
  });
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
