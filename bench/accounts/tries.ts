import { setTimeout } from 'node:timers/promises';
import { callAuth } from './auth-client.ts';
import { type AccountsEffort, LOGIN_WARM_UPS } from './effort.ts';
import { emailOf, freshNetwork, type Kind } from './people.ts';

/** Milliseconds to each answer, in the order that they were asked for: what a stranger could tell accounts by. */
export type Answers = Readonly<Record<Kind, readonly number[]>>;

/** Between two requests for a reset: they wait most of the time, and so may overlap. */
const RESET_SPACING_MILLISECONDS = 100;

/**
 * Signs in to accounts that there are, with a wrong password, and to some that there are not, by turns and one at a
 * time; each from a network of its own, and once to each address, so that no limit is near.
 */
export async function measureLogins({ logins }: AccountsEffort, report: (line: string) => void): Promise<Answers> {
  const answers = { known: [] as number[], unknown: [] as number[] };
  for (let number = 0; number < LOGIN_WARM_UPS + logins; number += 1) {
    if (number % 10 === 0) report(`sign-in ${number} of ${LOGIN_WARM_UPS + logins}`);
    for (const kind of inTurn(number)) {
      const spent = await millisecondsToLogin(emailOf(kind, 'login', number));
      if (number >= LOGIN_WARM_UPS) answers[kind].push(spent);
    }
  }
  return answers;
}

/** Asks for a reset likewise, of accounts that there are, which get a mail, and of some that there are not. */
export async function measureResets({ resets }: AccountsEffort, report: (line: string) => void): Promise<Answers> {
  report('password resets');
  // Loads the client for mail, which takes longer than to use it.
  await Promise.all(inTurn(0).map((kind) => millisecondsToReset(emailOf(kind, 'reset', 0))));

  const waiting: { readonly kind: Kind; readonly milliseconds: Promise<number> }[] = [];
  for (let number = 1; number <= resets; number += 1) {
    for (const kind of inTurn(number)) {
      waiting.push({ kind, milliseconds: millisecondsToReset(emailOf(kind, 'reset', number)) });
      await setTimeout(RESET_SPACING_MILLISECONDS);
    }
  }
  const answers = { known: [] as number[], unknown: [] as number[] };
  for (const { kind, milliseconds } of waiting) answers[kind].push(await milliseconds);
  return answers;
}

/** The other kind is first each time, so that neither always follows the other. */
function inTurn(number: number): readonly Kind[] {
  return number % 2 === 0 ? ['known', 'unknown'] : ['unknown', 'known'];
}

async function millisecondsToLogin(email: string): Promise<number> {
  const body = { email, password: 'six geese a-laying' };
  const start = performance.now();
  await callAuth({ key: 'POST /auth/login', body, sourceIp: freshNetwork() }, 401);
  return performance.now() - start;
}

async function millisecondsToReset(email: string): Promise<number> {
  const start = performance.now();
  await callAuth({ key: 'POST /auth/password/forgot', body: { email }, sourceIp: freshNetwork() }, 202);
  return performance.now() - start;
}
