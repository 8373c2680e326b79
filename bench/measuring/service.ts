import { type DatabaseWork, observed } from './observed.ts';
import { type Summary, summarize } from './statistics.ts';

/** What one kind of request took of a service that asks a database. */
export interface ServiceFigures {
  readonly what: string;
  readonly databaseWork: DatabaseWork;
  readonly milliseconds: Summary;
}

/** Times a service, one request after the other, once it is warm. */
export async function measureService(
  what: string,
  rounds: number,
  ask: () => Promise<unknown>,
): Promise<ServiceFigures> {
  for (let warmUp = 0; warmUp < 5; warmUp += 1) await ask();
  const { databaseWork } = await observed(ask);
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    await ask();
    times.push(performance.now() - start);
  }
  return { what, databaseWork, milliseconds: summarize(times) };
}

/** Such as `aggregate, 50 × findAndModify`. */
export function commandsIn({ databaseWork }: ServiceFigures): string {
  const { commands } = databaseWork;
  return [...new Set(commands)]
    .map((name) => {
      const count = commands.filter((other) => other === name).length;
      return count === 1 ? name : `${count} × ${name}`;
    })
    .join(', ');
}
