import { fieldsOf } from './fields.ts';
import { resolveIntrinsics } from './intrinsics.ts';
import { parametersOf } from './parameters.ts';
import { readFields } from './resources.ts';

/**
 * Evaluates the Rules of a template, as CloudFormation does before it creates or updates a stack.
 * @returns the descriptions of the assertions that do not hold for these parameters
 */
export function brokenRules(file: string, given: Readonly<Record<string, string>>): readonly string[] {
  const template = readFields(file);
  const parameters = Object.fromEntries(
    parametersOf(template.value('Parameters'), given).map(({ name, value }) => [name, value]),
  );
  const rules = template.fields('Rules');
  return rules.names.flatMap((rule) => {
    const fields = rules.fields(rule);
    const holds = (condition: unknown) =>
      resolveIntrinsics(condition, { parameters, conditions: {}, mappings: {}, resources: {} }, rule) === true;
    if (fields.has('RuleCondition') && !holds(fields.value('RuleCondition'))) return [];
    return fields.list('Assertions').flatMap((entry) => {
      const assertion = fieldsOf(entry, `${rule}: Assertions`);
      return holds(assertion.value('Assert')) ? [] : [assertion.string('AssertDescription')];
    });
  });
}
