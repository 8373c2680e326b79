import type { ApiModel, FunctionModel } from '../../tools/template/model.ts';

/** Finds the function whose code is in functions/<name>/. */
export function functionNamed({ functions }: ApiModel, name: string): FunctionModel {
  const fn = functions.find((candidate) => candidate.name === name);
  if (fn === undefined) throw new Error(`template.yaml has no function whose CodeUri ends in ${name}/`);
  return fn;
}

/** Tells whether the function is an authorizer, whose result is a decision rather than an answer for clients. */
export function isAuthorizer({ authorizers }: ApiModel, name: string): boolean {
  return authorizers.some(({ functionName }) => functionName === name);
}
