import path from 'node:path';
import { runKeys } from '../../../tools/keys/command.ts';
import { useAwsAccount } from '../aws/account.ts';
import { type TestParameterStore, useParameterStore } from '../aws/parameter-store.ts';

/** `npm run keys` for the environment `dev`. */
export interface KeysCommand {
  readonly store: TestParameterStore;
  /** Runs a subcommand. Returns its exit code and everything that it printed. */
  keys(...args: readonly string[]): Promise<{ readonly code: number; readonly text: string }>;
  /** The value of a parameter. Empty if it does not exist. */
  parameterValue(name: string): string;
}

/** Lets a test file run `npm run keys` on a Parameter Store of its own. Call it once, at the top of the file. */
export function useKeysCommand(): KeysCommand {
  const store = useParameterStore();
  useAwsAccount();
  return {
    store,
    async keys(...args) {
      const lines: string[] = [];
      const print = (line: string) => void lines.push(line);
      const root = path.resolve(import.meta.dirname, '../../..');
      const code = await runKeys([...args, '--environment', 'dev'], {
        root,
        dataDir: '/nowhere',
        print,
        report: print,
      });
      return { code, text: lines.join('\n') };
    },
    parameterValue: (name) => store.parameters.get(name)?.Value ?? '',
  };
}
