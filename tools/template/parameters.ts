import { fieldsOf, TemplateError } from './fields.ts';

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
    return { name, type, value: typed(text, type, parameter.where) };
  });
}

function typed(text: string, type: string, where: string): unknown {
  if (type === 'CommaDelimitedList' || type.startsWith('List<')) return text.split(',').map((entry) => entry.trim());
  if (type !== 'Number') return text;
  const number = Number(text);
  if (text.trim() === '' || Number.isNaN(number)) throw new TemplateError(where, `${text} is not a number`);
  return number;
}
