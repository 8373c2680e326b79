import os from 'node:os';

/** Where something was measured: enough to tell why numbers differ, and nothing that names a machine. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  /** The Node that ran what was measured, such as `v24.21.0`. */
  readonly node: string;
  /** The day, as `2026-11-23`. */
  readonly date: string;
}

export function thisMachine(nodeVersion: string): Machine {
  const processors = os.cpus();
  return {
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    node: nodeVersion,
    date: new Date().toISOString().slice(0, 10),
  };
}

export function describeMachine({ processor, cores, node, date }: Machine): string {
  return `${processor}, ${cores} cores, Node ${node}, ${date}`;
}
