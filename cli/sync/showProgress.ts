// The progress of a run while it goes on: one line that is written over on a terminal, a plain line every few seconds
// where a program reads. On standard error, so that standard output has the result alone.
import { systemClock } from '../../platform/clock.ts';
import type { RunProgress } from '../../sync/commands/runSourceNow.ts';
import { printProgress } from './printSync.ts';

const TERMINAL_EVERY_MS = 200;
const PLAIN_EVERY_MS = 5_000;
const CLEAR_LINE = '\r\u001b[2K';

/** A run's progress, shown. */
export interface ShownProgress {
  show(progress: RunProgress): void;
  /** Takes the line away. */
  end(): void;
}

/** Takes where it is shown; gives what shows it. */
export function showProgress(out: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>): ShownProgress {
  const everyMs = out.isTTY ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS;
  let shownAtMs = out.isTTY ? -Infinity : systemClock.steadyMs();
  let isShown = false;
  return {
    show(progress) {
      const nowMs = systemClock.steadyMs();
      if (nowMs - shownAtMs < everyMs) return;
      shownAtMs = nowMs;
      isShown = out.isTTY;
      const line = printProgress(progress);
      out.write(out.isTTY ? `${CLEAR_LINE}${line}` : `${line}\n`);
    },
    end() {
      if (isShown) out.write(CLEAR_LINE);
    },
  };
}
