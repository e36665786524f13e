import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runLoad, type LoadResult } from './runLoad.ts';

const reference = JSON.stringify({ text: 'x'.repeat(300_000) });

async function load(answer: RequestListener, unique = true): Promise<LoadResult> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const pattern = { host: `127.0.0.1:${port}`, path: '/graphql', query: '{ text }', unique };
  try {
    return await runLoad({ ...pattern, port, reference, connections: 3, seconds: 0.2, pid: process.pid });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('runLoad', () => {
  it('counts right answers, whole or in chunks', async () => {
    const callers = new Set<string | undefined>();
    let requests = 0;
    const result = await load((request, response) => {
      requests += 1;
      callers.add(request.headers.authorization);
      request.resume().on('end', () => {
        const body = `{"data":${reference}}`;
        if (requests % 2 === 0) return response.setHeader('content-length', body.length).end(body);
        response.write(body.slice(0, 70_000));
        return response.end(body.slice(70_000));
      });
    });
    expect(result.count).toBe(requests);
    expect(callers.size).toBe(requests);
    expect(result.requestsPerSecond).toBeGreaterThan(0);
    expect(result.peakMb).toBeGreaterThan(10);
  });

  it('sends one and the same request where callers are equal', async () => {
    const sent = new Set<string>();
    await load((request, response) => {
      request.on('data', (chunk: Buffer) => sent.add(`${request.headers.authorization ?? ''} ${chunk.toString()}`));
      request.on('end', () => response.end(`{"data":${reference}}`));
    }, false);
    expect(sent.size).toBe(1);
  });

  it('fails with the first wrong answer, wrong status or broken connection', async () => {
    let requests = 0;
    const sometimesWrong = load((request, response) => {
      requests += 1;
      request.resume().on('end', () => response.end(requests > 1 ? '{"data":{"text":"y"}}' : `{"data":${reference}}`));
    });
    await expect(sometimesWrong).rejects.toThrow(/wrong data at byte 9/);
    const refused = load((request, response) => {
      request.resume().on('end', () => response.writeHead(503).end(`{"data":${reference}}`));
    });
    await expect(refused).rejects.toThrow(/status 503/);
    await expect(load((request) => request.destroy())).rejects.toThrow(/closed|ECONNRESET/);
  });
});
