import { isMapping } from '../../../tools/template/fields.ts';

const ACTION = 'execute-api:Invoke';

const STATEMENT_FIELDS = new Set(['Sid', 'Effect', 'Action', 'Resource']);

/** A statement of a policy, its wildcards compiled. */
interface Statement {
  readonly isAllow: boolean;
  readonly actions: readonly RegExp[];
  readonly resources: readonly RegExp[];
}

export type Policy = readonly Statement[];

export type PolicyVerdict = 'allowed' | 'denied explicitly' | 'not allowed';

/**
 * The policy that an authorizer answered with, or null for what is none. Conditions, NotAction and NotResource are not
 * emulated and make it none: what is not understood must not let anybody in.
 */
export function parsePolicy(document: unknown): Policy | null {
  if (!isMapping(document)) return null;
  const statements = [document['Statement']].flat().map(parseStatement);
  const policy = statements.filter((statement) => statement !== null);
  return policy.length > 0 && policy.length === statements.length ? policy : null;
}

/**
 * What a policy says of one request ("Policy evaluation logic"): a Deny that matches wins, else an Allow that matches,
 * else it is not allowed.
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

/** One text or a list of them, where `*` stands for any characters and `?` for one. */
function parsePatterns(patterns: unknown, flags: 'i' | ''): readonly RegExp[] | null {
  const texts = [patterns].flat();
  if (texts.length === 0 || !texts.every((text) => typeof text === 'string')) return null;
  return texts.map((text) => {
    const literal = text.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
    return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`, `s${flags}`);
  });
}
