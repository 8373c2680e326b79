import { type Fields, fieldsOf, TemplateError } from './fields.ts';

/** A parameter of the template, with the given value or its default. */
export interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly value: unknown;
}

export function parametersOf(declared: unknown, given: Readonly<Record<string, string>>): readonly Parameter[] {
  const parameters = fieldsOf(declared ?? {}, 'Parameters');
  const unknown = Object.keys(given).find((name) => !parameters.names.includes(name));
  if (unknown !== undefined) throw new TemplateError('Parameters', `there is no parameter ${unknown}`);

  return parameters.names.map((name) => {
    const parameter = parameters.fields(name);
    const type = parameter.string('Type');
    const text = given[name] ?? parameter.optionalString('Default');
    if (text === null) throw new TemplateError(parameter.where, 'has no default, so a value must be given');
    const allowed = parameter.list('AllowedValues').map(String);
    if (allowed.length > 0 && !allowed.includes(text)) {
      throw new TemplateError(parameter.where, `${text} is not one of ${allowed.join(', ')}`);
    }
    assertInBounds(text, parameter);
    return { name, type, value: typed(text, type, parameter.where) };
  });
}

/** As CloudFormation checks a value: the pattern must match all of it ("CloudFormation template Parameters syntax"). */
function assertInBounds(text: string, parameter: Fields): void {
  const pattern = parameter.optionalString('AllowedPattern');
  if (pattern !== null && !new RegExp(`^(?:${pattern})$`).test(text)) {
    const constraint = parameter.optionalString('ConstraintDescription') ?? `does not match ${pattern}`;
    throw new TemplateError(parameter.where, `${text} ${constraint}`);
  }
  const [least, most] = [parameter.optionalNumber('MinValue'), parameter.optionalNumber('MaxValue')];
  if ((least !== null && Number(text) < least) || (most !== null && Number(text) > most)) {
    throw new TemplateError(parameter.where, `${text} is not between ${least} and ${most}`);
  }
}

function typed(text: string, type: string, where: string): unknown {
  if (type === 'CommaDelimitedList' || type.startsWith('List<')) return text.split(',').map((entry) => entry.trim());
  if (type !== 'Number') return text;
  const number = Number(text);
  if (text.trim() === '' || Number.isNaN(number)) throw new TemplateError(where, `${text} is not a number`);
  return number;
}
