// A gateway process over the fixture graph with a fault proxy on each link to a subgraph, and what the operating system
// says about a process: memory and open descriptors.
import { readdir, readFile } from 'node:fs/promises';
import { inheritedEnvironment } from '../../platform/config.ts';
import { startFaultProxy, type FaultProxy } from './faultProxy.ts';
import type { FixtureName } from './fixtureSchemas.ts';
import { startTestGateway, type TestGateway, type TestGatewayOptions } from './testGateway.ts';

/** A gateway whose links to its subgraphs can be broken. */
export interface FaultyGateway extends TestGateway {
  readonly links: Readonly<Record<FixtureName, FaultProxy>>;
}

/** Whether the long form of the fault tests runs: FAULTS_SIZE=full. */
export const IS_FULL_SIZE = inheritedEnvironment()['FAULTS_SIZE'] === 'full';

/** Starts the fixture subgraphs, a proxy in front of each, and a gateway over the proxies. */
export async function startFaultyGateway(
  options: Omit<TestGatewayOptions, 'reachThrough'> = {},
): Promise<FaultyGateway> {
  const links: Partial<Record<FixtureName, FaultProxy>> = {};
  const gateway = await startTestGateway({
    ...options,
    async reachThrough(url, name) {
      const proxy = await startFaultProxy(url);
      links[name] = proxy;
      return proxy.url;
    },
  });
  return {
    ...gateway,
    links: links as Record<FixtureName, FaultProxy>,
    async stop() {
      await gateway.stop();
      await Promise.all(Object.values(links).map((link) => link.stop()));
    },
  };
}

/** Gives the resident memory of a process in megabytes. */
export async function residentMegabytes(processId: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${String(processId)}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
}

/** Gives how many descriptors a process has open. */
export async function openDescriptors(processId: number | undefined): Promise<number> {
  return (await readdir(`/proc/${String(processId)}/fd`)).length;
}
