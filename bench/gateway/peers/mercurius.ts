// Mercurius with its gateway plugin. It is loaded by name, because it is installed beside this file on the first run alone.
// Reads the subgraphs' schemas from themselves, in the form of federation 1.
import { createRequire } from 'node:module';
import { readRun } from '../gateways/readRun.ts';

interface Application {
  register(plugin: unknown, options: object): void;
  listen(options: { readonly port: number; readonly host: string }): Promise<string>;
}

const SOCKETS = 64;

const load = createRequire(import.meta.url);
const openApplication = load('fastify') as () => Application;
const gateway: unknown = load('@mercuriusjs/gateway');

const run = readRun();
const services = Object.entries(run.subgraphs).map(([name, url]) => ({
  name,
  url,
  mandatory: true,
  connections: SOCKETS,
  rewriteHeaders: ({ authorization }: { readonly authorization?: string }) =>
    authorization === undefined ? {} : { authorization },
}));
const application = openApplication();
application.register(gateway, { ...(run.variant === 'jit' && { jit: 1 }), gateway: { services } });
await application.listen({ port: run.port, host: '127.0.0.1' });
