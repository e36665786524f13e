// What the processes of a bench cost, as Linux keeps it in /proc: the processor time that they used, and the most memory
// that they ever had. Elsewhere both are 0.
import { readFile } from 'node:fs/promises';

const TICKS_A_SECOND = 100;
const SECOND_MS = 1_000;
const KB_A_MB = 1_024;

/** Of one process. */
export interface ProcessCost {
  readonly cpuMs: number;
  readonly peakMb: number;
}

async function readProc(pid: number | undefined, file: string): Promise<string> {
  return await readFile(`/proc/${String(pid)}/${file}`, 'utf8').catch(() => '');
}

/** Takes the id of a process that runs; gives what it has cost since its start. */
export async function readCost(pid: number | undefined): Promise<ProcessCost> {
  const [stat, status] = [await readProc(pid, 'stat'), await readProc(pid, 'status')];
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  const peakKb = Number(/^VmHWM:\s+(\d+)/mu.exec(status)?.[1] ?? 0);
  return { cpuMs: (ticks * SECOND_MS) / TICKS_A_SECOND, peakMb: Math.round(peakKb / KB_A_MB) };
}
