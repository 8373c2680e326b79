import { isMapping } from '../../../tools/template/fields.ts';

/** What references in a template stand for in a deployment: of `Ref`, and of `GetAtt` as `Resource.Attribute`. */
export type Deployed = Readonly<Record<string, string>>;

/** Fills in the references in a part of a template. A condition counts as true if it is named. */
export function fillIn(value: unknown, deployed: Deployed, conditions: ReadonlySet<string> = new Set()): unknown {
  const fill = (part: unknown) => fillIn(part, deployed, conditions);
  if (Array.isArray(value)) return value.map(fill).filter((entry) => entry !== undefined);
  if (!isMapping(value)) return value;
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return fillMembers(value, fill);
  const [name, argument] = entry;
  switch (name) {
    case 'Ref':
      return argument === 'AWS::NoValue' ? undefined : deployedAs(String(argument), deployed);
    case 'Fn::GetAtt':
      return deployedAs((argument as readonly string[]).join('.'), deployed);
    case 'Fn::Sub':
      return String(argument).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, id: string) =>
        literal === '' ? deployedAs(id, deployed) : `\${${id}}`,
      );
    case 'Fn::If': {
      const [condition, whenTrue, whenFalse] = argument as readonly unknown[];
      return fill(conditions.has(String(condition)) ? whenTrue : whenFalse);
    }
    default:
      return fillMembers(value, fill);
  }
}

function fillMembers(value: Readonly<Record<string, unknown>>, fill: (part: unknown) => unknown): unknown {
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, fill(part)]));
}

function deployedAs(id: string, deployed: Deployed): string {
  const value = deployed[id];
  if (value === undefined) throw new Error(`The test does not say what ${id} is in a deployment`);
  return value;
}
