import type { Plugin } from 'esbuild';

const PARAMETERS_CLIENT = 'lectern-parameters-client';

/**
 * Replaces the AWS client that Powertools imports for parameters. Functions give it a smaller one
 * (shared/aws/parameter-store.ts), which reads the input of one command. Everything else is missing and fails when used.
 */
export function parametersPlugin(): Plugin {
  return {
    name: 'lectern-parameters',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^@aws-sdk\/client-ssm$/ }, ({ importer }) =>
        /[\\/]@aws-lambda-powertools[\\/]parameters[\\/]/.test(importer)
          ? { path: 'client-ssm', namespace: PARAMETERS_CLIENT }
          : undefined,
      );
      onLoad({ filter: /./, namespace: PARAMETERS_CLIENT }, () => ({
        contents: `
          export class GetParametersCommand { constructor(input) { this.input = input; } }
          class Missing { constructor() { throw new Error('Functions use only GetParameters'); } }
          export { Missing as GetParameterCommand, Missing as PutParameterCommand, Missing as SSMClient };
          export { Missing as ParameterNotFound, Missing as paginateGetParametersByPath };`,
      }));
    },
  };
}
