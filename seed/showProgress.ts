// How a seed shows itself to whoever watches: one line that renews itself on a terminal, a line every few seconds
// elsewhere; at the end what was stored, by collection.
import type { SeedProgress, SeedSummary } from './seedGraph.ts';

const LINE_EVERY_MS = 3_000;
const RENEW_EVERY_MS = 100;

/** Where progress is written. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function speed(documentCount: number, ms: number): string {
  return `${grouped(Math.round((documentCount / Math.max(ms, 1)) * 1_000))} documents/s`;
}

/** Takes a progress; gives it as a line. */
export function progressLine({ customersDone, customersTotal, documentCount, ms }: SeedProgress): string {
  const percent = Math.floor((customersDone / Math.max(customersTotal, 1)) * 100);
  const customers = `${grouped(customersDone)} of ${grouped(customersTotal)} customers`;
  return `seed: ${percent} %, ${customers}, ${grouped(documentCount)} documents, ${speed(documentCount, ms)}`;
}

/** Takes an output; gives what shows progress there, and what ends the line that renews itself. */
export function makeProgressShower(output: Output): { show: (progress: SeedProgress) => void; end: () => void } {
  const isTerminal = output.isTTY === true;
  let shownMs = 0;
  let isOpen = false;
  return {
    show(progress) {
      if (progress.ms - shownMs < (isTerminal ? RENEW_EVERY_MS : LINE_EVERY_MS)) return;
      shownMs = progress.ms;
      isOpen = isTerminal;
      output.write(isTerminal ? `\r\u001b[2K${progressLine(progress)}` : `${progressLine(progress)}\n`);
    },
    end() {
      if (isOpen) output.write('\r\u001b[2K');
      isOpen = false;
    },
  };
}

/** Takes a summary; gives it as lines: what was stored by collection, and how fast. */
export function summaryLines(summary: SeedSummary): string {
  const { documents, documentCount, customersDone, ms, isComplete } = summary;
  const width = Math.max(0, ...Object.keys(documents).map((name) => name.length));
  const counts = Object.entries(documents).map(
    ([name, count]) => `  ${name.padEnd(width)}  ${grouped(count).padStart(10)}`,
  );
  const total = `${grouped(customersDone)} customers are there`;
  if (!isComplete) return [...counts, `seed: stopped; ${total}; the same command goes on from here`, ''].join('\n');
  if (documentCount === 0) return `seed: nothing to do; ${total}\n`;
  const stored = `${grouped(documentCount)} documents stored in ${seconds(ms)}, ${speed(documentCount, ms)}`;
  return [...counts, `seed: ${total}; ${stored}`, ''].join('\n');
}
