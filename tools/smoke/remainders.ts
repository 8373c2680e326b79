import { CheckFailed } from './checks.ts';

/** Something that the test created and must remove. */
export interface Remainder {
  /** Removes it now. It stays among the remainders until `forget`, because an answer does not prove that it is gone. */
  remove(): Promise<void>;
  /** Tells that it does not exist. */
  forget(): void;
}

/** What is left to remove, in the order of creation. */
export interface Remainders {
  /** Registers something before the request that creates it, because the answer may be lost. */
  add(what: string, remove: () => Promise<void>): Remainder;
  /** Removes everything that is left and was added later, last first. Prints what, and returns what failed and why. */
  removeAfter(earlier: Remainder | null): Promise<readonly string[]>;
}

export function createRemainders(print: (line: string) => void): Remainders {
  const left = new Map<Remainder, string>();
  return {
    add(what, remove) {
      const remainder: Remainder = {
        remove,
        forget: () => void left.delete(remainder),
      };
      left.set(remainder, what);
      return remainder;
    },
    async removeAfter(earlier) {
      const failures: string[] = [];
      for (const [remainder, what] of [...left].reverse()) {
        if (remainder === earlier) break;
        try {
          remainder.forget();
          await remainder.remove();
          print(`      cleaned up: ${what}`);
        } catch (error) {
          if (!(error instanceof CheckFailed)) throw error;
          failures.push(`${what} may be left: ${error.message}`);
        }
      }
      return failures;
    },
  };
}
