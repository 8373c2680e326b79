import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Answer } from '../../gateway/response/answer.ts';
import { answerOf } from '../../gateway/response/proxy-result.ts';
import { invokeDirectly, type ReadyFunction } from './invoke-directly.ts';
import { fillPlaceholders, type Values } from './placeholders.ts';

/**
 * Runs a function with one of its sample events, after filling in these values.
 * @throws Error if the function fails.
 */
export async function askDirectly(root: string, ready: ReadyFunction, name: string, values: Values): Promise<Answer> {
  const functionName = ready.fn.name;
  const text = await readFile(path.join(root, 'events', functionName, `${name}.json`), 'utf8');
  const outcome = await invokeDirectly({ ...ready, event: fillPlaceholders(text, values), log: () => undefined });
  if (outcome.kind === 'failed') throw new Error(`${functionName} ${name} failed: ${outcome.error.message}`);
  return answerOf(outcome.json, undefined, []);
}
