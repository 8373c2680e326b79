import path from 'node:path';
import { runDeploy } from '../tools/deploy/command.ts';
import { findDeployedAlone, pruneAll } from '../tools/deploy/function/all-functions.ts';
import { deployAfterStack } from '../tools/deploy/function/command.ts';
import { describeFailure } from '../tools/environment/aws-errors.ts';
import { namedAccount } from '../tools/smoke/command.ts';
import { smoke } from '../tools/smoke/smoke.ts';

// `npm run deploy -- [<function> [--rollback]] --environment NAME`: deploys the stack, or one function.

// The SDK warns on each run that versions of 2027 need Node 22. Users of this command cannot act on it.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const root = path.resolve(import.meta.dirname, '..');
const output = { print: (line: string) => console.log(line), report: (line: string) => console.error(line) };
const account = namedAccount(process.env);

const passes = async (apiUrl: string) => (await smoke(apiUrl, { account, print: output.print })).failed === 0;

try {
  process.exitCode = await runDeploy(process.argv.slice(2), {
    ...{ root, ...output, findDeployedAlone },
    deployAlone: (environment, names) => deployAfterStack(environment, names, { root, ...output }),
    pruneVersions: (environment, print) => pruneAll(environment, root, print),
    smokeTest: passes,
    smokeOfFunction: account === null ? null : passes,
  });
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
