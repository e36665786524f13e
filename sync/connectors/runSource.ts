// Runs a source once: reads on from the saved state, maps, writes through the subgraph's own mutation, saves the state
// after the commit. At least once, with the effect of once: a batch that is repeated has the key it had.
import { BATCH_ITEMS_MAX, SourceFault, type Connector, type ReadBatch, type SourceState } from './connector.ts';
import type { SourceDefinition } from './readSyncConfig.ts';
import { InFlight } from './run/inFlight.ts';
import { openRejectFile, type RejectFile } from './run/rejectFile.ts';
import type { RunDeps } from './run/runDeps.ts';
import type { RunFence, SavedSource } from './run/sourceStates.ts';
import { TargetFault, type TargetClient } from './run/subgraphClient.ts';
import { mapRecords, writeRecords, type BatchOutcome, type Writing } from './run/writeRecords.ts';

const IN_FLIGHT_MAX = 4;
const SAVE_EVERY_MS = 500;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/** How far a run is; rows that are read are counted when they are written or rejected. */
export interface RunProgress {
  readonly source: string;
  readonly rowsRead: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly rejected: number;
  readonly bytesRead: number;
  readonly rowsPerSecond: number;
  readonly durationMs: number;
  /** Where the source is read up to. */
  readonly cursor: SourceState | null;
}

/** How a run ended. */
export interface RunReport extends RunProgress {
  /**
   * `completed`: all is read that there was. `limited`: a limit of its configuration was reached, `stopped`: by the
   * signal, `fenced`: another has the lease, `failed`: see `reason`. After each of them the next run goes on.
   */
  readonly outcome: 'completed' | 'limited' | 'stopped' | 'fenced' | 'failed';
  readonly reason: string | null;
  readonly startedAt: string;
  /** Where the rejects are, if there are any. */
  readonly rejectPath: string | null;
  /** Columns of the source that the mapping does not read. */
  readonly unreadColumns: readonly string[];
}

/** What a run may be told. */
export interface RunOptions {
  readonly signal: AbortSignal;
  onProgress?(progress: RunProgress): void;
  /** The lease of whoever runs it: without it nothing else keeps two runs apart. */
  readonly fence?: RunFence;
  /** Reads from the beginning, whatever was read before. */
  readonly isFromStart?: boolean;
}

/** That a run ends before its source does. */
class RunEnd extends Error {
  readonly outcome: RunReport['outcome'];

  constructor(outcome: RunReport['outcome'], message: string) {
    super(message);
    this.outcome = outcome;
  }
}

interface Committed {
  readonly batch: ReadBatch;
  readonly outcome: BatchOutcome;
}

function checkHeld(fence: RunFence | undefined): void {
  if (fence?.isHeld() === false) throw new RunEnd('fenced', 'another holds the lease of this source');
}

class SourceRun {
  readonly #definition: SourceDefinition;
  readonly #deps: RunDeps;
  readonly #options: RunOptions;
  readonly #startMs: number;
  readonly #counts = { rowsRead: 0, created: 0, updated: 0, unchanged: 0, rejected: 0, bytesRead: 0 };
  #taken = { rows: 0, bytes: 0 };
  #saved: SavedSource;
  #rejects: RejectFile | undefined;
  #savedAtMs: number;
  #isUnsaved = false;
  unreadColumns: readonly string[] = [];

  constructor(definition: SourceDefinition, deps: RunDeps, options: RunOptions) {
    this.#definition = definition;
    this.#deps = deps;
    this.#options = options;
    this.#startMs = deps.clock.steadyMs();
    this.#savedAtMs = this.#startMs;
    this.#saved = this.#fresh(null);
  }

  get rejectPath(): string | null {
    return this.#rejects !== undefined && this.#rejects.bytes > 0 ? this.#rejects.path : null;
  }

  progress(): RunProgress {
    const durationMs = Math.round(this.#deps.clock.steadyMs() - this.#startMs);
    const rowsPerSecond = Math.round((this.#counts.rowsRead * SECOND_MS) / Math.max(durationMs, 1));
    return { source: this.#definition.name, ...this.#counts, rowsPerSecond, durationMs, cursor: this.#saved.state };
  }

  async run(connector: Connector, writing: Writing): Promise<void> {
    const { signal } = this.#options;
    await this.#begin();
    await this.#compareColumns(connector);
    const inFlight = new InFlight<Committed>(IN_FLIGHT_MAX, (committed) => this.#commit(committed));
    let readFrom = this.#saved.state;
    let isWithin = false;
    try {
      for await (const batch of connector.read(readFrom ?? undefined, signal)) {
        signal.throwIfAborted();
        writing.checkHeld();
        if (!isWithin) this.#checkLimits();
        await this.#send(inFlight, writing, { batch, readFrom });
        readFrom = batch.state;
        isWithin = batch.isPart === true;
      }
    } finally {
      // What is on its way is waited for whatever ended the reading: it may be committed, and is then not sent again.
      await inFlight.drain().finally(() => this.#save());
    }
    this.#saved = { ...this.#saved, isComplete: true };
    await this.#save(true);
  }

  #fresh(state: SourceState | null): SavedSource {
    const { connector, target } = this.#definition;
    const kind = `${connector} > ${target.mutation}`;
    return { state, generation: this.#deps.drawId(), isComplete: false, rejectBytes: 0, kind };
  }

  async #begin(): Promise<void> {
    const { states, rejectFolder } = this.#deps;
    const { name } = this.#definition;
    const found = await states.load(name);
    const isOther = found?.kind !== this.#saved.kind || this.#options.isFromStart === true;
    if (found !== undefined && !isOther) this.#saved = found.isComplete ? this.#fresh(found.state) : found;
    // Before the first batch: a run that is killed goes on in its generation.
    if (found === undefined || isOther || found.isComplete) await this.#save(true);
    const { generation, rejectBytes } = this.#saved;
    this.#rejects = await openRejectFile(rejectFolder, { source: name, generation, bytes: rejectBytes });
  }

  /** A column that is gone would empty a field of every entity: nothing is written then. */
  async #compareColumns(connector: Connector): Promise<void> {
    const { columns, isComplete } = await connector.discover(this.#options.signal);
    if (!isComplete) return;
    const known = new Set(columns);
    const missing = this.#definition.mapping.columns.filter((column) => !known.has(column));
    if (missing.length > 0) {
      const has = columns.slice(0, 50).join(', ');
      throw new SourceFault(
        `the source has no column ${missing.map((name) => `"${name}"`).join(', ')} (it has ${has})`,
      );
    }
    const read = new Set(this.#definition.mapping.columns);
    this.unreadColumns = columns.filter((column) => !read.has(column));
  }

  #checkLimits(): void {
    const { rows, bytes, minutes } = this.#definition.limits;
    if (rows !== undefined && this.#taken.rows >= rows) throw new RunEnd('limited', `limits.rows: ${rows}`);
    if (bytes !== undefined && this.#taken.bytes >= bytes) throw new RunEnd('limited', `limits.bytes: ${bytes}`);
    const elapsedMs = this.#deps.clock.steadyMs() - this.#startMs;
    if (elapsedMs > minutes * MINUTE_MS) throw new RunEnd('limited', `limits.minutes: ${minutes}`);
  }

  async #send(
    inFlight: InFlight<Committed>,
    writing: Writing,
    { batch, readFrom }: { batch: ReadBatch; readFrom: SourceState | null },
  ): Promise<void> {
    const { signal } = this.#options;
    this.#taken = { rows: this.#taken.rows + batch.items.length, bytes: this.#taken.bytes + batch.byteCount };
    if (batch.items.length > BATCH_ITEMS_MAX) throw new Error('a connector gave too large a batch');
    const from = JSON.stringify([this.#saved.generation, readFrom]);
    const { mapped, rejects } = await mapRecords(writing, batch.items, signal);
    const keys = mapped.map(({ key }) => key);
    await inFlight.add(keys, async () => {
      const written = await writeRecords(writing, mapped, { readFrom: from, signal });
      return { batch, outcome: { ...written, rejects: [...rejects, ...written.rejects] } };
    });
  }

  async #commit({ batch, outcome }: Committed): Promise<void> {
    const { created, updated, unchanged, rejects } = outcome;
    await this.#rejects?.append(rejects);
    this.#counts.rowsRead += batch.items.length;
    this.#counts.created += created;
    this.#counts.updated += updated;
    this.#counts.unchanged += unchanged;
    this.#counts.rejected += rejects.length;
    this.#counts.bytesRead += batch.byteCount;
    this.#saved = { ...this.#saved, state: batch.state, rejectBytes: this.#rejects?.bytes ?? 0 };
    this.#isUnsaved = true;
    if (this.#deps.clock.steadyMs() - this.#savedAtMs >= SAVE_EVERY_MS) await this.#save();
    this.#options.onProgress?.(this.progress());
  }

  async #save(isForced = false): Promise<void> {
    if (!this.#isUnsaved && !isForced) return;
    await this.#deps.states.save(this.#definition.name, this.#saved, this.#options.fence);
    this.#isUnsaved = false;
    this.#savedAtMs = this.#deps.clock.steadyMs();
  }
}

/** What ended a run, where that is something that is expected. */
function endOf(error: unknown, { signal, fence }: RunOptions): { outcome: RunReport['outcome']; reason: string } {
  if (error instanceof RunEnd) return { outcome: error.outcome, reason: error.message };
  if (signal.aborted) return { outcome: 'stopped', reason: 'it was stopped' };
  if (fence?.isHeld() === false) return { outcome: 'fenced', reason: 'another holds the lease of this source' };
  if (error instanceof SourceFault) return { outcome: 'failed', reason: `the source: ${error.message}` };
  if (error instanceof TargetFault) return { outcome: 'failed', reason: `the subgraph: ${error.message}` };
  throw error;
}

/** Closes all, also where one of them cannot be closed. */
async function closeAll(connector: Connector | undefined, targets: readonly TargetClient[]): Promise<void> {
  try {
    await connector?.close();
  } finally {
    await Promise.all(targets.map((target) => target.close()));
  }
}

/**
 * Takes a source of the configuration and what a run needs; reads all there is now, or as much as limits and signal
 * allow, and gives the report. Expected faults end in the report; what is thrown is a fault of ours or of the database.
 */
export async function runSource(definition: SourceDefinition, deps: RunDeps, options: RunOptions): Promise<RunReport> {
  const { clock, random } = deps;
  const startedAt = clock.now().toISOString();
  const run = new SourceRun(definition, deps, options);
  const target = deps.openTarget(definition.target.subgraph, definition.source);
  const customers = deps.openTarget('customers', definition.source);
  let end: { outcome: RunReport['outcome']; reason: string | null } = { outcome: 'completed', reason: null };
  let connector: Connector | undefined;
  try {
    connector = definition.open({ clock, readSecret: (name) => deps.readSecret(name, definition.basePath) });
    await run.run(connector, {
      ...{ definition, target, customers, clock, random },
      checkHeld: () => checkHeld(options.fence),
    });
  } catch (error) {
    end = endOf(error, options);
  } finally {
    await closeAll(connector, [target, customers]);
  }
  const { rejectPath, unreadColumns } = run;
  return { ...run.progress(), ...end, startedAt, rejectPath, unreadColumns };
}
