import type { DeploymentEnvironment } from '../../environment/environment.ts';
import type { Fingerprints } from '../../release/fingerprint.ts';
import type { DeployedStack } from './stack.ts';

/** Thrown when a command stops before it changes anything that is live. The message says what to do. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** States from which CloudFormation accepts updates ("Stack status codes"). */
const STABLE = [
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
];

/** @throws Refusal if the stack is being changed, or is stuck. */
export function assertStable(stack: DeployedStack, environment: DeploymentEnvironment): void {
  const { name, status } = stack;
  if (STABLE.includes(status)) return;
  const options = `--stack-name ${name} --region ${environment.region}`;
  if (status === 'UPDATE_ROLLBACK_FAILED') {
    throw new Refusal(
      `The stack ${name} is stuck (${status}). Find out why: aws cloudformation describe-stack-events ${options}. ` +
        `Then: aws cloudformation continue-update-rollback ${options}`,
    );
  }
  if (status === 'REVIEW_IN_PROGRESS' || !status.endsWith('_IN_PROGRESS')) {
    throw new Refusal(
      `The stack ${name} was never deployed completely (${status}). Delete it: aws cloudformation delete-stack ` +
        `${options}. Then deploy it: ${stackCommand(environment)}`,
    );
  }
  throw new Refusal(
    `The stack ${name} is being changed (${status}). Run the same command again when that has ended. To follow it: ` +
      `aws cloudformation describe-stack-events ${options}`,
  );
}

/**
 * Checks that the stack is made of this template, contract and parameters: only then does new code fit into it.
 * @throws Refusal that names every difference.
 */
export function assertSameSources(
  stack: DeployedStack,
  environment: DeploymentEnvironment,
  { name, current }: { readonly name: string; readonly current: Fingerprints },
): void {
  const { sources } = stack;
  if (sources === null) {
    throw new Refusal(
      `The stack ${stack.name} does not say which sources it was made of: it was deployed by \`sam deploy\` alone. ` +
        `Deploy it once by: ${stackCommand(environment)}`,
    );
  }
  const differences = [
    ...(sources.template === current.template ? [] : ['template.yaml has changed.']),
    ...(sources.functions.get(name)?.contract === current.contracts[name] ? [] : [contractChanged(name)]),
    ...Object.entries(environment.parameterOverrides)
      .filter(([key, value]) => stack.parameters.get(key) !== value)
      .map(
        ([key, value]) =>
          `The parameter ${key} is ${quote(stack.parameters.get(key))}, in samconfig.toml ${quote(value)}.`,
      ),
  ];
  if (differences.length === 0) return;
  throw new Refusal(
    [
      `The stack ${stack.name} must be deployed before ${name} alone:`,
      ...differences.map((difference) => `  ${difference}`),
      `Deploy it: ${stackCommand(environment)}`,
    ].join('\n'),
  );
}

function contractChanged(name: string): string {
  return `functions/${name}/contract.ts has changed: API Gateway must get its routes and cache keys with the code.`;
}

function quote(value: string | undefined): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}

export function stackCommand({ name }: DeploymentEnvironment): string {
  return `npm run deploy -- --environment ${name}`;
}
