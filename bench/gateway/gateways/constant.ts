// The upper bound of any Node server: reads the request, answers a constant of the right size, asks nobody.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { readRun } from './readRun.ts';

const run = readRun();
const readAnswer = (query: string): Buffer =>
  Buffer.from(`{"data":${readFileSync(`${run.answersPath}/${query}.json`, 'utf8')}}`);
const answers: Readonly<Record<string, Buffer>> = { '/nested': readAnswer('nested'), '/small': readAnswer('small') };

const server = createServer((request, response) => {
  const answer = answers[request.url ?? ''] ?? Buffer.alloc(0);
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
    response.end(answer);
  });
});
server.listen(run.port, '127.0.0.1');
