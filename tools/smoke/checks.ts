/** A check that found a fault. The message names a request by its route, never by an address that contains a token. */
export class CheckFailed extends Error {
  override readonly name = 'CheckFailed';
  /** The answer's status and the id that finds the request in the logs. Null if there was no answer. */
  readonly status: number | null;
  readonly requestId: string | null;

  constructor(message: string, answer: Pick<CheckFailed, 'status' | 'requestId'> | null = null) {
    super(message);
    this.status = answer?.status ?? null;
    this.requestId = answer?.requestId ?? null;
  }
}

/** A check that is impossible here. The message says why. */
export class NotTried extends Error {
  override readonly name = 'NotTried';
}

/** Returns a value that an earlier check found. @throws NotTried if that check has not passed. */
export function required<T>(value: T | null, reason: string): T {
  if (value === null) throw new NotTried(reason);
  return value;
}

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** Checks that were impossible. They say nothing about the system. */
  readonly notTried: number;
}

export interface Checks {
  /**
   * Runs a check and prints its line. Returns its value, or null if it failed or was impossible.
   * @throws any error that is neither: the command itself is at fault, or was interrupted
   */
  run<T>(name: string, check: () => Promise<Passed<T>>): Promise<T | null>;
  outcome(): Outcome;
}

export interface Passed<T> {
  readonly value: T;
  /** For people, on the line of the check. */
  readonly note: string;
}

export function createChecks(print: (line: string) => void): Checks {
  let [passed, failed, notTried] = [0, 0, 0];
  return {
    async run(name, check) {
      try {
        const { value, note } = await check();
        passed += 1;
        print(`ok    ${name}: ${note}`);
        return value;
      } catch (error) {
        if (error instanceof CheckFailed) {
          failed += 1;
          const id = error.requestId === null ? '' : ` (requestId ${error.requestId})`;
          print(`FAIL  ${name}: ${error.message}${id}`);
        } else if (error instanceof NotTried) {
          notTried += 1;
          print(`--    ${name}: not tried: ${error.message}`);
        } else throw error;
        return null;
      }
    },
    outcome: () => ({ passed, failed, notTried }),
  };
}
