import { isMapping, TemplateError } from './fields.ts';

/** What references in the template may point to. */
export interface Scope {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly conditions: Readonly<Record<string, unknown>>;
  readonly mappings: Readonly<Record<string, unknown>>;
  readonly resources: Readonly<Record<string, unknown>>;
}

const REGION = 'eu-west-1';
const ACCOUNT_ID = '000000000000';

const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::AccountId': ACCOUNT_ID,
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::StackId': `arn:aws:cloudformation:${REGION}:${ACCOUNT_ID}:stack/local/local`,
  'AWS::StackName': 'local',
  'AWS::URLSuffix': 'amazonaws.com',
};

/** SAM generates it for DeploymentPreference ("AWS::Serverless::Function", generated CloudFormation resources). */
const DEPLOYMENT_APPLICATION = 'ServerlessDeploymentApplication';

const noValue = Symbol('AWS::NoValue');

/**
 * Evaluates the intrinsic functions in a value. A reference to a resource becomes its logical id. Values that only AWS
 * knows, such as an ARN, a domain or an import, become placeholders that no service accepts.
 * @param where the logical id for error messages
 */
export function resolveIntrinsics(value: unknown, scope: Scope, where: string): unknown {
  const resolved = evaluate(value);
  return resolved === noValue ? undefined : resolved;

  function evaluate(input: unknown): unknown {
    if (Array.isArray(input)) return input.map(evaluate).filter((entry) => entry !== noValue);
    if (!isMapping(input)) return input;
    const call = callOf(input);
    if (call !== null) return apply(call.name, call.argument);
    return Object.fromEntries(
      Object.entries(input).flatMap(([name, entry]) => {
        const result = evaluate(entry);
        return result === noValue ? [] : [[name, result]];
      }),
    );
  }

  function apply(name: string, argument: unknown): unknown {
    switch (name) {
      case 'Ref':
        return reference(String(argument));
      case 'Condition':
        return condition(String(argument));
      case 'Fn::If': {
        const [test, whenTrue, whenFalse] = listOf(argument, name);
        return evaluate(condition(String(test)) ? whenTrue : whenFalse);
      }
      case 'Fn::Equals': {
        const [left, right] = listOf(argument, name).map(evaluate);
        return String(left) === String(right);
      }
      case 'Fn::Not':
        return listOf(argument, name).map(evaluate)[0] !== true;
      case 'Fn::And':
        return listOf(argument, name).every((test) => evaluate(test) === true);
      case 'Fn::Or':
        return listOf(argument, name).some((test) => evaluate(test) === true);
      case 'Fn::Join': {
        const [separator, parts] = listOf(argument, name).map(evaluate);
        return listOf(parts, name).map(String).join(String(separator));
      }
      case 'Fn::Split': {
        const [separator, text] = listOf(argument, name).map(evaluate);
        return String(text).split(String(separator));
      }
      case 'Fn::Select': {
        const [index, entries] = listOf(argument, name).map(evaluate);
        return listOf(entries, name)[Number(index)];
      }
      case 'Fn::Sub':
        return substitute(argument);
      case 'Fn::GetAtt': {
        const [resource, attribute] = listOf(argument, name);
        return attributeOf(String(resource), String(attribute));
      }
      case 'Fn::FindInMap': {
        const path = listOf(argument, name).map(evaluate);
        return path.reduce<unknown>(
          (found, key) => (isMapping(found) ? found[String(key)] : undefined),
          scope.mappings,
        );
      }
      default:
        // With what it is called with, so that another argument is another value.
        return `unresolved-${name.replace('Fn::', '')}-${JSON.stringify(evaluate(argument))}`;
    }
  }

  function reference(name: string): unknown {
    if (name === 'AWS::NoValue') return noValue;
    if (Object.hasOwn(scope.parameters, name)) return scope.parameters[name];
    if (Object.hasOwn(PSEUDO_PARAMETERS, name)) return PSEUDO_PARAMETERS[name];
    // What SAM generates for a function or an API. Locally there is only the function or the API itself.
    const resource = name.replace(/(?:\.(?:Alias|Version|Stage)|Role)$/, '');
    if (Object.hasOwn(scope.resources, resource) || name === DEPLOYMENT_APPLICATION) return resource;
    throw new TemplateError(where, `refers to ${name}, which is neither a parameter nor a resource`);
  }

  function attributeOf(resource: string, attribute: string): string {
    if (!Object.hasOwn(scope.resources, resource)) {
      throw new TemplateError(where, `refers to ${resource}.${attribute}, and there is no resource ${resource}`);
    }
    // A domain that never exists (RFC 6761 section 6.4), so that a URL with it is valid.
    if (attribute.endsWith('DomainName')) return `${resource.toLowerCase()}.invalid`;
    return `arn:aws:local:${REGION}:${ACCOUNT_ID}:${resource}/${attribute}`;
  }

  function condition(name: string): boolean {
    if (!Object.hasOwn(scope.conditions, name)) throw new TemplateError(where, `there is no condition ${name}`);
    return evaluate(scope.conditions[name]) === true;
  }

  function substitute(argument: unknown): string {
    const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
    const own = isMapping(variables) ? variables : {};
    return String(text).replace(/\$\{([^}]+)\}/g, (whole, name: string) => {
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      if (Object.hasOwn(own, name)) return String(evaluate(own[name]));
      const [resource = '', ...attribute] = name.split('.');
      if (attribute.length > 0) return attributeOf(resource, attribute.join('.'));
      const value = reference(name);
      return value === noValue ? whole : String(value);
    });
  }

  function listOf(input: unknown, name: string): readonly unknown[] {
    if (!Array.isArray(input)) throw new TemplateError(where, `${name} takes a list`);
    return input;
  }
}

function callOf(mapping: Readonly<Record<string, unknown>>): { name: string; argument: unknown } | null {
  const [entry, ...others] = Object.entries(mapping);
  if (entry === undefined || others.length > 0) return null;
  const [name, argument] = entry;
  const isCall = name === 'Ref' || name.startsWith('Fn::') || (name === 'Condition' && typeof argument === 'string');
  return isCall ? { name, argument } : null;
}
