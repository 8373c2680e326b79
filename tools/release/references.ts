import { type Fields, isMapping } from '../template/fields.ts';

/**
 * Returns the names of all parameters and resources that a value of the template refers to, also by way of the
 * conditions in it.
 */
export function referencesIn(value: unknown, template: Fields): ReadonlySet<string> {
  const found = new Set<string>();
  const conditions = template.fields('Conditions');
  const visited = new Set<string>();

  function visit(input: unknown): void {
    if (Array.isArray(input)) input.forEach(visit);
    if (!isMapping(input)) return;
    for (const [name, argument] of Object.entries(input)) {
      if (name === 'Ref') found.add(String(argument));
      else if (name === 'Fn::GetAtt' && Array.isArray(argument)) found.add(String(argument[0]));
      else if (name === 'Fn::Sub') visitText(Array.isArray(argument) ? argument[0] : argument);
      else if (name === 'Fn::If' && Array.isArray(argument)) visitCondition(String(argument[0]));
      else if (name === 'Condition' && typeof argument === 'string') visitCondition(argument);
      visit(argument);
    }
  }

  function visitText(text: unknown): void {
    for (const [, name = ''] of String(text).matchAll(/\$\{([^!}.][^}.]*)/g)) found.add(name);
  }

  function visitCondition(name: string): void {
    if (visited.has(name)) return;
    visited.add(name);
    visit(conditions.value(name));
  }

  visit(value);
  return found;
}
