import { createHash } from 'node:crypto';
import { isMapping } from '../template/fields.ts';

/** Returns the SHA-256 of data, in hexadecimal. The order of the members of a mapping makes no difference. */
export function hashData(data: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(data)))
    .digest('hex');
}

function sorted(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(sorted);
  if (!isMapping(data)) return data;
  return Object.fromEntries(
    Object.keys(data)
      .sort((one, other) => (one < other ? -1 : 1))
      .map((name) => [name, sorted(data[name])]),
  );
}
