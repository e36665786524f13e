// What a process still holds after its garbage was collected, through V8's own inspector: resident memory says little
// about leaks, as V8 collects when it likes.
import { WebSocket } from 'undici';
import { waitUntil, type StartedProcess } from './startProcess.ts';

/** The setting that a process needs for its heap to be looked into. */
export const PROBED = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

/** Takes a process started with PROBED; gives the megabytes of its heap that are in use after a full collection. */
export async function heldMegabytes(process: StartedProcess): Promise<number> {
  const address = await waitUntil(() => /ws:\/\/127\.0\.0\.1:\d+\/\S+/.exec(process.output())?.[0]);
  const socket = new WebSocket(address);
  const answers = new Map<number, unknown>();
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id: number; result: unknown };
    answers.set(id, result);
  });
  await new Promise((open) => socket.addEventListener('open', open, { once: true }));
  const methods = ['HeapProfiler.collectGarbage', 'HeapProfiler.collectGarbage', 'Runtime.getHeapUsage'];
  for (const [id, method] of methods.entries()) {
    socket.send(JSON.stringify({ id, method }));
    await waitUntil(() => answers.has(id));
  }
  socket.close();
  return (answers.get(methods.length - 1) as { usedSize: number }).usedSize / 2 ** 20;
}
