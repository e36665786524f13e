// How much of the processor a process has used, to the nanosecond, over all its threads. Linux only.
import { readdirSync, readFileSync } from 'node:fs';

/** Takes the id of a process that runs; gives the milliseconds of processor time that its threads have used so far. */
export function processorTimeMs(processId: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${processId}/task`)) {
    const [running = '0'] = readFileSync(`/proc/${processId}/task/${thread}/schedstat`, 'utf8').split(' ');
    nanoseconds += Number(running);
  }
  return nanoseconds / 1e6;
}
