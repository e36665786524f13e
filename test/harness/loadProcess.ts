// The process behind loadClient.ts: sends requests to a gateway at a rate or over a number of connections, compares each
// answer with what it has to be, and hands the samples back. A process of its own, so that it measures the gateway and
// not the test beside it.
import { Pool } from 'undici';
import { UNIQUE, type Load, type LoadSample, type LoadResult, type WrongAnswer } from './loadClient.ts';

const WRONG_SHOWN_MAX = 5;

/** Opens connections by asking for nothing over as many at once. */
async function openConnections(pool: Pool, count: number): Promise<void> {
  const body = JSON.stringify({ query: '{ __typename }' });
  const headers = { 'content-type': 'application/json' };
  const ask = async (): Promise<void> => {
    const response = await pool.request({ path: '/graphql', method: 'POST', headers, body });
    await response.body.dump();
  };
  await Promise.allSettled(Array.from({ length: count }, ask));
}

async function runLoad(load: Load): Promise<LoadResult> {
  const pool = new Pool(load.url, {
    pipelining: 1,
    connections: load.connections ?? null,
    headersTimeout: 30_000,
    keepAliveTimeout: 30_000,
  });
  await openConnections(pool, load.openBefore ?? 0);
  const samples: LoadSample[] = [];
  const wrong: WrongAnswer[] = [];
  const startMs = performance.now();
  const left = (): number => startMs + load.durationMs - performance.now();
  let count = 0;

  const send = async (): Promise<void> => {
    const { name, body, answer } = load.requests[count++ % load.requests.length] as Load['requests'][number];
    const numbered = body.replaceAll(UNIQUE, `${process.pid}x${Math.trunc(startMs)}x${count}`);
    const sentMs = performance.now();
    let status = 0;
    let text: string;
    try {
      const response = await pool.request({
        path: '/graphql',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: numbered,
      });
      status = response.statusCode;
      text = await response.body.text();
    } catch (error) {
      text = String(error);
    }
    const isRight = status === 200 && (answer === undefined ? !text.includes('"errors"') : text.trimEnd() === answer);
    if (!isRight && wrong.filter((one) => one.name === name).length < WRONG_SHOWN_MAX) {
      wrong.push({ name, status, text: text.slice(0, 400) });
    }
    samples.push({ name, atMs: sentMs - startMs, ms: performance.now() - sentMs, status, isRight });
  };
  const sendOn = async (): Promise<void> => {
    while (left() > 0) await send();
  };

  if (load.perSecond === undefined) {
    await Promise.all(Array.from({ length: load.connections ?? 1 }, sendOn));
  } else {
    const sent: Promise<void>[] = [];
    const { perSecond } = load;
    while (left() > 0) {
      const due = ((performance.now() - startMs) / 1_000) * perSecond;
      while (sent.length < due) sent.push(send());
      await new Promise((next) => setTimeout(next, 1));
    }
    await Promise.all(sent);
  }
  await pool.destroy();
  return { samples, wrong };
}

process.on('message', (message: { id: number; load: Load }) => {
  void runLoad(message.load).then((result) => process.send?.({ id: message.id, result }));
});
process.once('disconnect', () => process.exit(0));
process.send?.({ ready: 'load' });
