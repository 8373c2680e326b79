import { type AwsCall, AwsError, text } from './aws-error.ts';

export interface StoredStack {
  status: string;
  readonly parameters: Map<string, string>;
  readonly outputs: Map<string, string>;
  /** Physical ids by logical id. */
  readonly resources: Map<string, string>;
  /** The template that it was deployed from. */
  template: string;
}

/** How many resources one page lists. AWS lists 100. */
const PAGE = 5;

/** A stand-in for CloudFormation as a source of information, in the XML of its API reference. */
export function cloudFormationStandIn(stacks: ReadonlyMap<string, StoredStack>) {
  return ({ operation, input }: AwsCall): string => {
    const name = text(input, 'StackName');
    const stack = stacks.get(name);
    if (stack === undefined) throw new AwsError('ValidationError', `Stack with id ${name} does not exist`);
    switch (operation) {
      case 'DescribeStacks':
        return result(
          operation,
          `<Stacks><member>${element('StackName', name)}${element('StackStatus', stack.status)}
          <Parameters>${members(stack.parameters, 'ParameterKey', 'ParameterValue')}</Parameters>
          <Outputs>${members(stack.outputs, 'OutputKey', 'OutputValue')}</Outputs></member></Stacks>`,
        );
      case 'ListStackResources': {
        const start = Number(input['NextToken'] ?? 0);
        const page = [...stack.resources].slice(start, start + PAGE);
        const more = start + PAGE < stack.resources.size;
        return result(
          operation,
          `<StackResourceSummaries>${members(new Map(page), 'LogicalResourceId', 'PhysicalResourceId')}
          </StackResourceSummaries>${more ? element('NextToken', String(start + PAGE)) : ''}`,
        );
      }
      case 'GetTemplate':
        return result(operation, element('TemplateBody', stack.template));
      default:
        throw new AwsError('InvalidAction', `CloudFormation has no ${operation} here`);
    }
  };
}

function members(entries: ReadonlyMap<string, string>, key: string, value: string): string {
  return [...entries].map(([one, other]) => `<member>${element(key, one)}${element(value, other)}</member>`).join('');
}

function element(name: string, content: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<${name}>${escaped}</${name}>`;
}

/** An answer of the Query protocol. */
export function result(operation: string, content: string): string {
  return `<${operation}Response><${operation}Result>${content}</${operation}Result></${operation}Response>`;
}
