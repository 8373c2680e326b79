/** Memory that comes with one whole processor, in MB (AWS Lambda Developer Guide, "Configure function memory"). */
const MEGABYTES_PER_PROCESSOR = 1769;

/** The share of a processor that handles a request. Initialization has a whole one. */
export function shareOf(memoryMegabytes: number): number {
  return Math.min(1, memoryMegabytes / MEGABYTES_PER_PROCESSOR);
}
