import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/*
 * ajv with the options and formats of shared/http/compile.ts, so that a peer accepts and changes exactly what this
 * handler does: path and query are text and coerced, a body is JSON and is not.
 */

export const textCompiler = compiler({ coerceTypes: true });
export const jsonCompiler = compiler({ coerceTypes: false });

function compiler({ coerceTypes }: { readonly coerceTypes: boolean }): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, allErrors: true, useDefaults: true, coerceTypes });
  addFormats.default(ajv, { mode: 'full', formats: ['date-time', 'email', 'uri', 'uuid'] });
  return ajv;
}
