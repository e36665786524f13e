import fc from 'fast-check';
import { MEMORY_LEASE_MS, MemorySchedules, openSchedulePlace } from '../../test/harness/memorySchedules.ts';
import { settle, WorldClock, type ProcessClock } from '../../test/harness/worldClock.ts';
import type { DueTimes } from './cron.ts';
import type { MisfirePolicy } from './decideRuns.ts';
import { NO_ROWS, type RunContext, type RunResult } from './executeRun.ts';
import { Scheduler } from './scheduler.ts';

const EVERY_MS = 5 * 60_000;
const HOUR_MS = 60 * 60_000;
const START_MS = new Date('2026-03-28T22:00:00Z').getTime();
const NAME = 'contacts';

const due: DueTimes = {
  nextAfter: (ms) => (Math.floor(ms / EVERY_MS) + 1) * EVERY_MS,
  between(afterMs, uptoMs, max) {
    const found: number[] = [];
    for (let next = this.nextAfter(afterMs) ?? 0; next <= uptoMs; next += EVERY_MS) found.push(next);
    return found.slice(-max);
  },
};

/** A world with one schedule, whose runs write ten batches, and two processes that run it. */
class World {
  readonly clock = new WorldClock(START_MS);
  readonly place = openSchedulePlace();
  /** The bookmark of each run, kept with the highest token that wrote it. */
  readonly states = new Map<string, { fence: number; batches: number }>();
  readonly ended: string[] = [];
  readonly faults: unknown[] = [];
  refusedWrites = 0;
  processes: { clock: ProcessClock; store: MemorySchedules; scheduler: Scheduler }[] = [];
  readonly #misfire: MisfirePolicy;
  #started = 0;
  #highest = 0;

  constructor(misfire: MisfirePolicy) {
    this.#misfire = misfire;
  }

  async start(): Promise<void> {
    const clock = this.clock.open();
    const store = new MemorySchedules(this.place, `process ${this.#started++}`, clock);
    const job = { name: NAME, due, misfire: this.#misfire, run: (context: RunContext) => this.#run(clock, context) };
    const observer = {
      onRunBegun: () => undefined,
      onRunEnded: ({ _id, outcome }: { _id: string; outcome: string }) => this.ended.push(`${_id} ${outcome}`),
      onSkipped: () => undefined,
      onLost: () => undefined,
      onFault: (error: unknown) => this.faults.push(error),
    };
    const scheduler = new Scheduler({ store, jobs: [job], clock, observer });
    this.processes.push({ clock, store, scheduler });
    await scheduler.start();
    await settle();
  }

  async #run(clock: ProcessClock, { runId, lease: { fence }, signal }: RunContext): Promise<RunResult> {
    for (let batches = this.states.get(runId)?.batches ?? 0; batches < 10; batches++) {
      if (signal.aborted) return { outcome: 'stopped', counts: NO_ROWS, rejectFile: null };
      await new Promise<void>((resolve) => clock.after(2_000, resolve));
      const seen = this.#highest;
      if (fence < seen) {
        this.refusedWrites++;
        continue;
      }
      this.#highest = fence;
      this.states.set(runId, { fence, batches: batches + 1 });
    }
    return { outcome: 'done', counts: NO_ROWS, rejectFile: null };
  }

  /** How often each due time ended as done. */
  doneByDue(): Map<number, number> {
    const counts = new Map<number, number>();
    for (const text of this.ended.filter((one) => one.endsWith(' done'))) {
      const at = Date.parse(text.slice(NAME.length + 1, -' done'.length));
      counts.set(at, (counts.get(at) ?? 0) + 1);
    }
    return counts;
  }

  schedule() {
    return this.place.schedules.get(NAME);
  }

  /** Lets everything go on undisturbed until nothing is left to do. */
  async heal(untilMs: number): Promise<void> {
    for (const { clock, store } of this.processes) {
      clock.goOn();
      store.isPaused = false;
    }
    if (this.processes.length === 0) await this.start();
    const isOver = (): boolean => {
      const schedule = this.schedule();
      return schedule?.running === null && schedule.queue.length === 0 && this.clock.dayMs > untilMs + EVERY_MS;
    };
    for (let turn = 0; turn < 2_000 && !isOver(); turn++) await this.clock.pass(20_000);
    expect(isOver()).toBe(true);
  }
}

type Act =
  | { readonly kind: 'pass' | 'step'; readonly ms: number }
  | { readonly kind: 'kill' | 'restart' | 'pause' | 'goOn'; readonly process: number };
type ProcessAct = Extract<Act, { readonly process: number }>;

const acts: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 200_000 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('step' as const),
      ms: fc.constantFrom(-HOUR_MS, HOUR_MS, -1_000, 61_000),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('kill' as const, 'restart' as const, 'pause' as const, 'goOn' as const),
      process: fc.integer({ min: 0, max: 1 }),
    }),
  },
);

async function befall(world: World, act: ProcessAct): Promise<void> {
  const process = world.processes[act.process];
  if (process === undefined) return;
  if (act.kind === 'pause' || act.kind === 'goOn') {
    process.store.isPaused = act.kind === 'pause';
    process.clock[act.kind]();
    return;
  }
  if (act.kind === 'kill') process.clock.kill();
  else void process.scheduler.stop();
  world.processes = world.processes.filter((one) => one !== process);
  await world.start();
}

async function perform(world: World, act: Act): Promise<void> {
  if (!('ms' in act)) await befall(world, act);
  else if (act.kind === 'pass') await world.clock.pass(act.ms);
  else world.clock.step(act.ms);
}

async function play(misfire: MisfirePolicy, history: readonly Act[]): Promise<{ world: World; furthestMs: number }> {
  const world = new World(misfire);
  await world.start();
  await world.start();
  let furthestMs = START_MS;
  for (const act of history) {
    await perform(world, act);
    furthestMs = Math.max(furthestMs, world.clock.dayMs);
  }
  await world.heal(furthestMs);
  return { world, furthestMs };
}

const histories = fc.array(acts, { minLength: 5, maxLength: 40 });
const RUNS = { numRuns: 40 };

describe('two processes with one schedule, whatever befalls them and the clock', () => {
  it('run every due time once by fireAll', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const { world, furthestMs } = await play('fireAll', history);
        const done = world.doneByDue();
        const missing = due.between(START_MS, furthestMs, 100_000).filter((time) => done.get(time) !== 1);
        expect(missing).toEqual([]);
        expect([...done.values()].filter((count) => count !== 1)).toEqual([]);
        expect(world.faults).toEqual([]);
      }),
      RUNS,
    );
  });

  it.each(['fireOnceNow', 'doNothing'] as const)('run no due time twice by %s, and do not stall', async (misfire) => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const { world, furthestMs } = await play(misfire, history);
        const done = world.doneByDue();
        expect([...done.values()].filter((count) => count !== 1)).toEqual([]);
        expect(Math.max(...done.keys())).toBeGreaterThan(furthestMs);
        expect(world.faults).toEqual([]);
      }),
      RUNS,
    );
  });
});

describe('a scheduler', () => {
  it('takes up a run whose process was killed, and goes on where that had come to', async () => {
    const world = new World('fireOnceNow');
    await world.start();
    await world.clock.pass(EVERY_MS + 9_000);
    const [broken] = world.states.values();
    expect(broken?.batches).toBeGreaterThan(1);
    world.processes[0]?.clock.kill();
    await world.start();
    await world.clock.pass(3 * MEMORY_LEASE_MS + 20_000);
    expect(world.ended).toEqual([`${NAME}@${new Date(START_MS + EVERY_MS).toISOString()} done`]);
    expect([...world.place.runs.values()].map(({ resumed }) => resumed)).toEqual([1]);
  });

  it('refuses what a holder writes that was paused while another took its run', async () => {
    const world = new World('fireOnceNow');
    await world.start();
    await world.start();
    await world.clock.pass(EVERY_MS + 5_000);
    const holder = world.place.leases.get(NAME)?.holder;
    const paused = world.processes[Number(holder?.slice('process '.length))];
    paused?.clock.pause();
    if (paused !== undefined) paused.store.isPaused = true;
    await world.clock.pass(2 * MEMORY_LEASE_MS);
    paused?.clock.goOn();
    await world.clock.pass(60_000);
    expect(world.refusedWrites).toBeGreaterThan(0);
    expect([...world.doneByDue().values()]).toEqual([1]);
  });

  it('decides nothing while it is paused, and by the misfire policy afterwards', async () => {
    const world = new World('fireOnceNow');
    await world.start();
    await world.processes[0]?.store.pause(NAME, new Date(START_MS));
    await world.clock.pass(4 * EVERY_MS);
    expect(world.ended).toEqual([]);
    await world.processes[0]?.store.pause(NAME, null);
    await world.clock.pass(60_000);
    expect([...world.doneByDue().keys()]).toEqual([START_MS + 4 * EVERY_MS]);
  });

  it('stops a run at its next batch when it is stopped, and leaves it to another', async () => {
    const world = new World('doNothing');
    await world.start();
    await world.clock.pass(EVERY_MS + 5_000);
    const stopping = world.processes[0]?.scheduler.stop();
    await world.clock.pass(3_000);
    await stopping;
    expect(world.ended.at(-1)).toMatch(/ stopped$/);
    await world.start();
    await world.clock.pass(60_000);
    expect([...world.doneByDue().values()]).toEqual([1]);
  });
});
