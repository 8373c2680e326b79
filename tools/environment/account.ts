import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { clientFor } from './clients.ts';
import type { DeploymentEnvironment } from './environment.ts';
import { OWN_SECTION } from './samconfig.ts';

/**
 * Prints the account and region that a command is about to work on, and returns the account.
 * @throws Error if samconfig.toml names another account for the environment.
 */
export async function confirmAccount(
  environment: DeploymentEnvironment,
  print: (line: string) => void,
): Promise<string> {
  const { name, configEnv, region, account: expected } = environment;
  const { Account: account } = await clientFor(environment, STSClient).send(new GetCallerIdentityCommand({}));
  if (account === undefined) throw new Error('AWS does not tell the account of these credentials');
  if (expected !== null && expected !== account) {
    throw new Error(
      `${name} belongs to account ${expected}, and these AWS credentials to account ${account}. Nothing was changed.`,
    );
  }
  print(`Environment ${name}: account ${account}, region ${region}`);
  if (expected === null) {
    print('To refuse any other account, add to samconfig.toml:');
    print(`  [${configEnv}.${OWN_SECTION}.parameters]`);
    print(`  account = "${account}"`);
  }
  return account;
}
