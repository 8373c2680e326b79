import { codeOf } from '../../tools/platform/errors.ts';
import type { Environment } from '../../tools/platform/run.ts';
import { clearSamFiles, ensureSamFiles, writeVariables } from '../../tools/sam/sam-files.ts';
import type { FunctionVariables } from '../function-variables.ts';
import { openReachableVariables } from './container/container-environment.ts';

/**
 * Keeps the files that samconfig.toml names for plain `sam local` commands current until the returned function is
 * called, which removes the secrets from them. While they are, containers reach the database and the local replacement
 * for Amazon SES. Without Docker there is nothing to connect, and the files stay empty.
 */
export async function openSamFiles(
  folder: string,
  variables: FunctionVariables,
  env: Environment,
): Promise<() => Promise<void>> {
  await ensureSamFiles(folder);
  try {
    const reachable = await openReachableVariables(variables, env);
    const text = await writeVariables(folder, reachable.variables);
    return async () => {
      await clearSamFiles(folder, text);
      await reachable.close();
    };
  } catch (error) {
    // Without Docker there are no containers to run.
    if (codeOf(error) === 'ENOENT') return () => Promise.resolve();
    throw error;
  }
}
