import { fieldsOf } from './fields.ts';
import { TemplateError } from './template-error.ts';

/** The value of every parameter of the template: what was given, else its default. */
export function parameterValues(declared: unknown, given: Readonly<Record<string, string>>): Record<string, unknown> {
  const parameters = fieldsOf(declared ?? {}, 'Parameters');
  const unknown = Object.keys(given).find((name) => !parameters.names.includes(name));
  if (unknown !== undefined) throw new TemplateError('Parameters', `there is no parameter ${unknown}`);

  return Object.fromEntries(
    parameters.names.map((name) => {
      const parameter = parameters.fields(name);
      const text = given[name] ?? parameter.optionalString('Default');
      if (text === null) throw new TemplateError(parameter.where, 'has no default, so a value must be given');
      const allowed = parameter.list('AllowedValues').map(String);
      if (allowed.length > 0 && !allowed.includes(text)) {
        throw new TemplateError(parameter.where, `${text} is not one of ${allowed.join(', ')}`);
      }
      return [name, typed(text, parameter.string('Type'), parameter.where)];
    }),
  );
}

function typed(text: string, type: string, where: string): unknown {
  if (type === 'CommaDelimitedList' || type.startsWith('List<')) return text.split(',').map((entry) => entry.trim());
  if (type !== 'Number') return text;
  const number = Number(text);
  if (text.trim() === '' || Number.isNaN(number)) throw new TemplateError(where, `${text} is not a number`);
  return number;
}
