import { isMapping } from './fields.ts';

/**
 * Merges a resource's properties over those of Globals as SAM does: mappings by key, lists one after the other,
 * anything else as in the resource ("Globals section of the AWS SAM template").
 */
export function mergeGlobals(shared: unknown, own: unknown): unknown {
  if (own === undefined) return shared;
  if (Array.isArray(shared) && Array.isArray(own)) return [...shared, ...own];
  if (!isMapping(shared) || !isMapping(own)) return own;
  const names = new Set([...Object.keys(shared), ...Object.keys(own)]);
  return Object.fromEntries([...names].map((name) => [name, mergeGlobals(shared[name], own[name])]));
}
