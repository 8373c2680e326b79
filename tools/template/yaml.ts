import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { TemplateError } from './fields.ts';

/** Parses the template to plain data, with short tags in their long form: `!Sub x` becomes `{ 'Fn::Sub': 'x' }`. */
export function parseTemplate(text: string): unknown {
  const document = parseDocument(text, { uniqueKeys: true });
  const [fault] = document.errors;
  if (fault !== undefined) throw new TemplateError('YAML', fault.message);

  function toData(node: unknown): unknown {
    if (isAlias(node)) return toData(node.resolve(document));
    if (isScalar(node)) return tagged(node, node.value);
    if (isSeq(node)) return tagged(node, node.items.map(toData));
    if (isMap(node)) {
      const entries = node.items.map(({ key, value }) => [String(toData(key)), toData(value)] as const);
      return tagged(node, Object.fromEntries(entries));
    }
    return null;
  }

  return toData(document.contents);
}

function tagged(node: Node, value: unknown): unknown {
  if (!node.tag?.startsWith('!')) return value;
  const name = node.tag.slice(1);
  if (name === 'Ref' || name === 'Condition') return { [name]: value };
  // `!GetAtt A.B.C` is attribute `B.C` of resource `A`.
  if (name === 'GetAtt' && typeof value === 'string') {
    const [resource = '', ...attribute] = value.split('.');
    return { 'Fn::GetAtt': [resource, attribute.join('.')] };
  }
  return { [`Fn::${name}`]: value };
}
