// A consumer's memory for tests: transactions that hold everything back until they commit, and faults on demand before
// and after the commit.
import type { ConsumeStore, ConsumeUnit, ParkedEvent } from '../../sync/consume/store.ts';

/** What the effects of a transaction are to do when it commits. */
export interface MemorySession {
  readonly effects: (() => void)[];
}

/** What a transaction is to suffer: nothing, a fault before its commit, or one after, when all is written. */
export type Suffering = 'none' | 'before' | 'after';

/** That the store itself is at fault. */
export class MemoryStoreFault extends Error {}

/** A memory for consumers; `suffer` decides for each transaction. */
export class MemoryConsumeStore implements ConsumeStore<MemorySession> {
  readonly inbox = new Set<string>();
  readonly versions = new Map<string, number>();
  readonly parked = new Map<string, ParkedEvent>();
  commits = 0;
  suffer: () => Suffering = () => 'none';

  async transact<R>(work: (unit: ConsumeUnit<MemorySession>) => Promise<R>): Promise<R> {
    const suffering = this.suffer();
    const effects: (() => void)[] = [];
    const result = await work({
      session: { effects },
      findKnown: (consumer, ids) => Promise.resolve(new Set(ids.filter((id) => this.inbox.has(`${consumer} ${id}`)))),
      findVersions: (consumer, entities) =>
        Promise.resolve(
          new Map(
            entities.flatMap((entity) => {
              const version = this.versions.get(`${consumer} ${entity}`);
              return version === undefined ? [] : [[entity, version] as const];
            }),
          ),
        ),
      remember: (consumer, { inbox, versions, parked }) => {
        effects.push(() => {
          for (const id of inbox) this.inbox.add(`${consumer} ${id}`);
          for (const [entity, version] of versions) this.versions.set(`${consumer} ${entity}`, version);
          for (const event of parked) this.parked.set(`${consumer} ${event.source} ${event.id}`, event);
        });
        return Promise.resolve();
      },
    });
    if (suffering === 'before') throw new MemoryStoreFault('no primary');
    for (const effect of effects) effect();
    this.commits += 1;
    if (suffering === 'after') throw new MemoryStoreFault('the connection broke after the commit');
    return result;
  }

  isFault(error: unknown): boolean {
    return error instanceof MemoryStoreFault;
  }

  countParked(): Promise<number> {
    return Promise.resolve(this.parked.size);
  }
}
