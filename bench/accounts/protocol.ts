import type { AuthorizerFigures } from './authorizations.ts';
import type { RouteCommands } from './route-commands.ts';
import type { Answers } from './tries.ts';
import type { VerificationFigures } from './verification.ts';

/** What is measured in a process of its own, on the Node of the deployment. */
export interface ProcessFigures {
  readonly verification: readonly VerificationFigures[];
  readonly logins: Answers;
  readonly resets: Answers;
  readonly authorizer: readonly AuthorizerFigures[];
  readonly routes: readonly RouteCommands[];
}

/** What that process tells: what it is about to do, line by line, and in the end what came out. */
export type Report =
  | { readonly kind: 'progress'; readonly line: string }
  | { readonly kind: 'measured'; readonly figures: ProcessFigures };
