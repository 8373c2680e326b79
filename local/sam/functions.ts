import type { ApiModel, FunctionModel } from '../../tools/template/model.ts';

/** The function whose code is in functions/<name>/. */
export function functionNamed({ functions }: ApiModel, name: string): FunctionModel {
  const fn = functions.find((candidate) => candidate.name === name);
  if (fn === undefined) throw new Error(`template.yaml has no function whose CodeUri ends in ${name}/`);
  return fn;
}

/** Whether API Gateway asks the function who may pass, and so takes a decision of it and no answer for clients. */
export function isAuthorizer({ authorizers }: ApiModel, name: string): boolean {
  return authorizers.some(({ functionName }) => functionName === name);
}
