import type { ErrorObject } from 'ajv';
import { type Problem, problem, type Violation } from './problem.ts';

/** A compiled schema. Returns whether a value is valid, and keeps the errors of the last call. */
export interface Check {
  (value: unknown): boolean;
  errors?: ErrorObject[] | null;
}

/** Only the first violations are sent, even if there are thousands. */
const MAX_VIOLATIONS = 20;

/**
 * Validates one part of a request. Coerces text and fills in defaults in place.
 * @throws Problem `invalid-request` that lists what is wrong and where.
 */
export function assertValid(part: Violation['in'], check: Check, value: unknown): void {
  if (check(value)) return;
  throw problem('invalid-request', {
    detail: `The ${part} of the request is not valid.`,
    errors: violations(part, check),
  });
}

/** An item of a list whose items are validated one by one: valid, or with the reason why not. */
export type CheckedItem<Item> =
  | { readonly valid: true; readonly value: Item }
  | { readonly valid: false; readonly given: unknown; readonly fault: Problem };

/**
 * Validates each item of a list in the body.
 * @param list the name of the list, with which the pointers of errors begin
 */
export function checkItems(list: string, check: Check, items: readonly unknown[]): CheckedItem<unknown>[] {
  return items.map((given, index) => {
    if (check(given)) return { valid: true, value: given };
    const errors = violations('body', check, `/${list}/${index}`);
    return { valid: false, given, fault: problem('invalid-request', { detail: 'The item is not valid.', errors }) };
  });
}

function violations(part: Violation['in'], check: Check, root = ''): Violation[] {
  return (check.errors ?? []).slice(0, MAX_VIOLATIONS).map((error) => {
    const { pointer, ...rest } = violation(part, error);
    return { ...rest, pointer: root + pointer };
  });
}

function violation(part: Violation['in'], error: ErrorObject): Violation {
  const { keyword, params, instancePath, message = 'is not valid' } = error;
  // These two keywords report the object, but readers want the property.
  const property = keyword === 'additionalProperties' ? params['additionalProperty'] : params['missingProperty'];
  return {
    in: part,
    pointer: property === undefined ? instancePath : `${instancePath}/${escapePointer(String(property))}`,
    message: describe(keyword, params, message),
  };
}

function describe(keyword: string, params: ErrorObject['params'], message: string): string {
  switch (keyword) {
    case 'additionalProperties':
      return 'is not known here';
    case 'required':
      return 'is required';
    case 'enum':
      return `must be one of ${(params['allowedValues'] as readonly unknown[]).join(', ')}`;
    default:
      return message;
  }
}

/** RFC 6901 section 3. */
function escapePointer(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}
