/** How much is measured of accounts. */
export interface AccountsEffort {
  /** Rounds of verifying tokens; in a round each way has its turn. */
  readonly rounds: number;
  /** Of each turn. */
  readonly milliseconds: number;
  /** Sign-ins to unknown accounts, and as many with a wrong password. */
  readonly logins: number;
  /** Resets asked for unknown accounts, and as many for known ones. */
  readonly resets: number;
  /** Requests that the authorizer decides, in each case. */
  readonly authorizations: number;
}

/** Sign-ins of each kind that are not counted: they open connections and load code. */
export const LOGIN_WARM_UPS = 2;
