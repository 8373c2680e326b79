import {
  CloudFormationClient,
  CloudFormationServiceException,
  DescribeStacksCommand,
  GetTemplateCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { clientFor } from './clients.ts';
import type { DeploymentEnvironment } from './environment.ts';

/** Returns the template that the stack of an environment was last deployed with, as text. Null if there is no stack. */
export async function findStackTemplate(environment: DeploymentEnvironment): Promise<string | null> {
  const command = new GetTemplateCommand({ StackName: environment.stackName, TemplateStage: 'Original' });
  const answer = await clientFor(environment, CloudFormationClient).send(command).catch(nullIfMissing);
  return answer?.TemplateBody ?? null;
}

/** Returns the stack of an environment. Null if there is none. */
export async function findStack(environment: DeploymentEnvironment): Promise<Stack | null> {
  const command = new DescribeStacksCommand({ StackName: environment.stackName });
  const answer = await clientFor(environment, CloudFormationClient).send(command).catch(nullIfMissing);
  return answer?.Stacks?.[0] ?? null;
}

/** Returns an output of a stack. */
export function outputOf(stack: Stack, name: string): string | null {
  return stack.Outputs?.find(({ OutputKey }) => OutputKey === name)?.OutputValue ?? null;
}

/** CloudFormation has no error of its own for a stack that does not exist ("DescribeStacks", "GetTemplate"). */
function nullIfMissing(error: unknown): null {
  const isMissing =
    error instanceof CloudFormationServiceException &&
    error.name === 'ValidationError' &&
    error.message.includes('does not exist');
  if (isMissing) return null;
  throw error;
}
