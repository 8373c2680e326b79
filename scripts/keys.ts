import path from 'node:path';
import { describeFailure } from '../tools/environment/aws-errors.ts';
import { runKeys } from '../tools/keys/command.ts';

// `npm run keys -- [show|create|publish|switch|retire] [--environment NAME]`: the keys that sign access tokens and
// media.

// The SDK warns on each run that versions of 2027 need Node 22. Users of this command cannot act on it.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const root = path.resolve(import.meta.dirname, '..');

try {
  process.exitCode = await runKeys(process.argv.slice(2), {
    root,
    dataDir: path.join(root, '.data'),
    print: (line) => console.log(line),
    report: (line) => console.error(line),
  });
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
