// Whether the gateway lives and whether it is ready, with what it serves. Subgraphs are not asked: one that is away
// costs its own fields alone, and a gateway that is not ready for it would take the others' away too.
import type { WorkerState } from '../platform/workers.ts';
import type { Access } from './access/access.ts';
import type { Fetcher } from './fetch/fetcher.ts';
import type { SourceState } from './followSupergraph.ts';
import { answerJson, type HttpAnswer } from './respond/status.ts';
import type { ServedGraph } from './servedGraph.ts';

/** What the answers speak of. */
export interface HealthSources {
  readonly served: ServedGraph;
  readonly source: () => SourceState;
  readonly fetcher: Fetcher;
  readonly access: Pick<Access, 'state'>;
  readonly isDraining: () => boolean;
  readonly now: () => Date;
  /** The processes that serve together with this one, where there are several. */
  readonly workers: WorkerState | undefined;
}

/** What is served and where it comes from; no address: whoever reaches the gateway reads this. */
function describeSupergraph({ served, source, now }: HealthSources): Record<string, unknown> {
  const { kind, isReachable, readAgoMs, isCopy, release, isSigned } = source();
  const since = served.since();
  return {
    hash: served.current().supergraph.hash,
    since: since.toISOString(),
    ageSeconds: Math.round((now().getTime() - since.getTime()) / 1_000),
    release: release ?? null,
    signature: isSigned ? 'verified' : 'not asked for',
    fromCopyOnDisk: isCopy,
    source: { kind, reachable: isReachable, readSecondsAgo: Math.round(readAgoMs / 1_000) },
  };
}

/** Takes a path; gives the answer of the health address it names, or undefined. */
export function answerHealth(path: string, sources: HealthSources): HttpAnswer | undefined {
  if (path === '/health/live') return answerJson(200, { live: true });
  if (path !== '/health/ready') return undefined;
  const { served, fetcher } = sources;
  const { workers } = sources;
  const reason = sources.isDraining() ? 'draining' : workers?.hasStarted === false ? 'starting' : undefined;
  const ready = reason === undefined;
  const breakers = fetcher.breakers();
  return answerJson(ready ? 200 : 503, {
    ready,
    ...(!ready && { reason }),
    supergraph: describeSupergraph(sources),
    access: sources.access.state(),
    ...(workers && { workers: { ready: workers.ready, count: workers.count } }),
    refusedSupergraph: served.refused() ?? null,
    subgraphs: Object.fromEntries(
      [...served.current().subgraphs.keys()].map((name) => [name, breakers[name] ?? 'closed']),
    ),
  });
}
