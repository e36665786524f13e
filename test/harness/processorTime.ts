// How much of the processor a process has used, to the nanosecond, over all its threads. Linux only.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Whether this system tells. */
export const CAN_MEASURE_PROCESSOR = existsSync('/proc/self/task') && existsSync('/proc/self/schedstat');

function runningNanoseconds(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8').split(' ')[0]);
  } catch {
    // A thread that has ended since the list was read.
    return 0;
  }
}

/** Takes the id of a process that runs; gives the milliseconds of processor time that its threads have used so far. */
export function processorTimeMs(processId: number): number {
  const threads = readdirSync(`/proc/${processId}/task`);
  const nanoseconds = threads.map((thread) => runningNanoseconds(`/proc/${processId}/task/${thread}/schedstat`));
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}
