/** Prints for each check whether it passed, and counts. */
export interface Tally {
  /** @param faults what is wrong. Empty if the check passed. */
  check(name: string, faults: readonly string[]): void;
  readonly passed: number;
  readonly failed: number;
}

export function createTally(print: (line: string) => void): Tally {
  let passed = 0;
  let failed = 0;
  return {
    check(name, faults) {
      if (faults.length === 0) passed += 1;
      else failed += 1;
      print(`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
      for (const fault of faults) print(`       ${fault}`);
    },
    get passed() {
      return passed;
    },
    get failed() {
      return failed;
    },
  };
}
