import { isMapping } from '../../../tools/template/fields.ts';

const ACTION = 'execute-api:Invoke';

const STATEMENT_FIELDS = new Set(['Sid', 'Effect', 'Action', 'Resource']);

/** A statement of a policy, with compiled wildcards. */
interface Statement {
  readonly isAllow: boolean;
  readonly actions: readonly RegExp[];
  readonly resources: readonly RegExp[];
}

export type Policy = readonly Statement[];

export type PolicyVerdict = 'allowed' | 'denied explicitly' | 'not allowed';

/**
 * Parses the policy of an authorizer. Null if it is not a policy. Conditions, NotAction and NotResource are not
 * emulated and make it invalid: what we do not understand must not let anybody in.
 */
export function parsePolicy(document: unknown): Policy | null {
  if (!isMapping(document)) return null;
  const statements = [document['Statement']].flat().map(parseStatement);
  const policy = statements.filter((statement) => statement !== null);
  return policy.length > 0 && policy.length === statements.length ? policy : null;
}

/**
 * Evaluates a policy for one request ("Policy evaluation logic"): a matching Deny wins, then a matching Allow,
 * otherwise access is denied.
 */
export function evaluatePolicy(policy: Policy, methodArn: string): PolicyVerdict {
  const applying = policy.filter(
    ({ actions, resources }) =>
      actions.some((action) => action.test(ACTION)) && resources.some((resource) => resource.test(methodArn)),
  );
  if (applying.some(({ isAllow }) => !isAllow)) return 'denied explicitly';
  return applying.length > 0 ? 'allowed' : 'not allowed';
}

function parseStatement(statement: unknown): Statement | null {
  if (!isMapping(statement) || Object.keys(statement).some((field) => !STATEMENT_FIELDS.has(field))) return null;
  const { Effect, Action, Resource } = statement;
  const actions = parsePatterns(Action, 'i');
  const resources = parsePatterns(Resource, '');
  if ((Effect !== 'Allow' && Effect !== 'Deny') || actions === null || resources === null) return null;
  return { isAllow: Effect === 'Allow', actions, resources };
}

/** A text or a list of texts, in which `*` matches any characters and `?` matches one. */
function parsePatterns(patterns: unknown, flags: 'i' | ''): readonly RegExp[] | null {
  const texts = [patterns].flat();
  if (texts.length === 0 || !texts.every((text) => typeof text === 'string')) return null;
  return texts.map((text) => {
    const literal = text.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
    return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`, `s${flags}`);
  });
}
