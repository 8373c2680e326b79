/** Prints for each check whether it passed, and counts. */
export interface Tally {
  /** @param errors what is wrong. Empty if the check passed. */
  check(name: string, errors: readonly string[]): void;
  readonly passed: number;
  readonly failed: number;
}

export function createTally(print: (line: string) => void): Tally {
  let passed = 0;
  let failed = 0;
  return {
    check(name, errors) {
      if (errors.length === 0) passed += 1;
      else failed += 1;
      print(`${errors.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
      for (const error of errors) print(`       ${error}`);
    },
    get passed() {
      return passed;
    },
    get failed() {
      return failed;
    },
  };
}
