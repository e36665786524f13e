// What a process and everything that it started have cost so far, as the kernel counts it. Linux only.
import { readdirSync, readFileSync } from 'node:fs';

/** Processor time and memory of a process with its children. */
export interface ProcessCost {
  /** User and system time of all threads. */
  readonly cpuMs: number;
  /** The most memory that was resident; of several processes, the sum of their peaks. */
  readonly peakMb: number;
}

/** The kernel's clock tick: 100 a second on every Linux that Node runs on. */
const TICK_MS = 10;

/** Fields of /proc/PID/stat after the command's name, which may hold spaces and brackets. */
function readStat(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function findChildren(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((candidate) => {
      try {
        return candidate > 0 && Number(readStat(candidate)[1]) === pid;
      } catch {
        return false;
      }
    });
}

/**
 * Takes a process's id; gives the most memory that was ever resident in it, in MB. Not what `getrusage` says (`maxRSS`):
 * that begins with what the process had that started it.
 */
export function readPeakMb(pid: number): number {
  const peakKb = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0;
  return Number(peakKb) / 1_024;
}

function readOne(pid: number): ProcessCost {
  const fields = readStat(pid);
  // utime, stime and those of children that ended: fields 14 to 17 of proc(5), here without the first two.
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { cpuMs: ticks * TICK_MS, peakMb: readPeakMb(pid) };
}

/** Takes a process's id; gives its cost with that of its children. Throws where there is no such process. */
export function readCost(pid: number): ProcessCost {
  const children = findChildren(pid).map(readCost);
  return [readOne(pid), ...children].reduce((sum, one) => ({
    cpuMs: sum.cpuMs + one.cpuMs,
    peakMb: sum.peakMb + one.peakMb,
  }));
}
