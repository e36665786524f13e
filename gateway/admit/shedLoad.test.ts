import type { Clock } from '../../platform/clock.ts';
import { isRefusal, type Patience, type Refusal } from '../requestState.ts';
import { openGate, type Gate, type Leave } from './shedLoad.ts';

const patient = (signal = new AbortController().signal, leftMs = 1_000): Patience => ({
  deadlineMs: 0,
  leftMs: () => leftMs,
  onGone(listener) {
    signal.addEventListener('abort', listener, { once: true });
    return () => signal.removeEventListener('abort', listener);
  },
});

interface Bounds {
  readonly executingMax?: number;
  readonly inFlightMax?: number;
  readonly waitingMax?: number;
}

/** A gate whose time, work and lateness the test moves. */
function openTestGate(bounds: Bounds = {}) {
  const state = { nowMs: 0, busy: 0, tooLate: false };
  let timers: { atMs: number; task: () => void }[] = [];
  const clock: Clock = {
    now: () => new Date(state.nowMs),
    steadyMs: () => state.nowMs,
    after(delayMs, task) {
      const timer = { atMs: state.nowMs + delayMs, task };
      timers.push(timer);
      return () => (timers = timers.filter((one) => one !== timer));
    },
  };
  const gate = openGate({
    executingMax: 1,
    inFlightMax: 10,
    waitingMax: 2,
    ...bounds,
    clock,
    busyShare: () => state.busy,
    isTooLate: () => state.tooLate,
  });
  const pass = (ms: number): void => {
    const endMs = state.nowMs + ms;
    for (;;) {
      const [next] = timers.sort((left, right) => left.atMs - right.atMs);
      if (next === undefined || next.atMs > endMs) break;
      timers = timers.filter((one) => one !== next);
      state.nowMs = next.atMs;
      next.task();
    }
    state.nowMs = endMs;
  };
  return { gate, state, pass, timerCount: () => timers.length };
}

function enterAtOnce(gate: Gate): Leave {
  const turn = gate.enter(patient());
  if (typeof turn !== 'function') throw new Error('there was no turn');
  return turn;
}

/** Keeps the outcome of an entrance that may come later. */
function watchEntrance(gate: Gate, patience = patient()): { outcome: Leave | Refusal | undefined } {
  const watched: { outcome: Leave | Refusal | undefined } = { outcome: undefined };
  void Promise.resolve(gate.enter(patience)).then((outcome) => (watched.outcome = outcome));
  return watched;
}

const settled = (): Promise<void> => new Promise((done) => setImmediate(done));

describe('the gate', () => {
  it('lets so many run, the next ones wait in order, and refuses who comes after them', async () => {
    const { gate } = openTestGate();
    const leave = enterAtOnce(gate);
    const order: string[] = [];
    const waiting = ['first', 'second'].map(async (name) => {
      const turn = await gate.enter(patient());
      order.push(name);
      if (typeof turn === 'function') turn();
    });
    expect(gate.enter(patient())).toMatchObject({ refused: 'OVERLOADED', headers: { 'retry-after': '1' } });
    leave();
    await Promise.all(waiting);
    expect(order).toEqual(['first', 'second']);
    expect(typeof gate.enter(patient())).toBe('function');
  });

  it('forgets who has left while waiting', async () => {
    const { gate } = openTestGate({ waitingMax: 1 });
    const leave = enterAtOnce(gate);
    const leaver = new AbortController();
    const gone = gate.enter(patient(leaver.signal));
    leaver.abort();
    expect(isRefusal(await gone)).toBe(true);
    expect(gate.counts()).toEqual({ inFlight: 1, waiting: 0 });
    leave();
    expect(typeof gate.enter(patient())).toBe('function');
  });

  it('passes the turn of a request without time on to the next', async () => {
    const { gate } = openTestGate();
    const leave = enterAtOnce(gate);
    const late = gate.enter(patient(undefined, 0));
    const next = gate.enter(patient());
    leave();
    expect(isRefusal(await late)).toBe(true);
    expect(isRefusal(await next)).toBe(false);
  });

  it('counts a turn that is ended twice once, taken back or not', async () => {
    const { gate, pass } = openTestGate({ waitingMax: 1, inFlightMax: 2 });
    const first = enterAtOnce(gate);
    const second = watchEntrance(gate);
    pass(60);
    await settled();
    [first, first].forEach((leave) => leave());
    expect(gate.counts()).toEqual({ inFlight: 1, waiting: 0 });
    if (typeof second.outcome === 'function') [second.outcome, second.outcome].forEach((leave) => leave());
    expect(gate.counts()).toEqual({ inFlight: 0, waiting: 0 });
    enterAtOnce(gate);
    expect(gate.enter(patient())).toBeInstanceOf(Promise);
  });
});

describe('a turn that is spent waiting for a subgraph', () => {
  it.each([
    [0.2, 10, 20],
    [0.8, 50, 60],
    [0.95, 500, 510],
  ])('goes to the next: at a busy share of %d after %d ms', async (busy, keptMs, givenMs) => {
    const { gate, state, pass } = openTestGate();
    state.busy = busy;
    enterAtOnce(gate);
    pass(1);
    const next = watchEntrance(gate);
    pass(keptMs - 1);
    await settled();
    expect(next.outcome).toBeUndefined();
    pass(givenMs - keptMs);
    await settled();
    expect(typeof next.outcome).toBe('function');
    expect(gate.counts()).toEqual({ inFlight: 2, waiting: 0 });
  });

  it('still counts among those in flight, so that a hanging subgraph holds a bounded number', async () => {
    const { gate, pass } = openTestGate({ inFlightMax: 3, waitingMax: 5 });
    const leave = enterAtOnce(gate);
    const waiting = Array.from({ length: 4 }, () => watchEntrance(gate));
    pass(1_000);
    await settled();
    expect(gate.counts()).toEqual({ inFlight: 3, waiting: 2 });
    leave();
    await settled();
    expect(waiting.map(({ outcome }) => typeof outcome)).toEqual(['function', 'function', 'function', 'undefined']);
  });

  it('lets healthy operations go on beside any number of hanging ones below the bound', async () => {
    const { gate, pass } = openTestGate({ executingMax: 16, inFlightMax: 200, waitingMax: 400 });
    for (let hanging = 0; hanging < 150; hanging++) {
      const entered = watchEntrance(gate);
      pass(20);
      await settled();
      expect(typeof entered.outcome).toBe('function');
    }
    const healthy = watchEntrance(gate);
    pass(20);
    await settled();
    expect(typeof healthy.outcome).toBe('function');
  });

  it('needs one timer for all who wait, and none when nobody does', async () => {
    const { gate, pass, timerCount } = openTestGate({ waitingMax: 9 });
    const leave = enterAtOnce(gate);
    expect(timerCount()).toBe(0);
    const waiting = Array.from({ length: 5 }, () => watchEntrance(gate));
    expect(timerCount()).toBe(1);
    leave();
    for (const entered of waiting) {
      await settled();
      if (typeof entered.outcome === 'function') entered.outcome();
    }
    pass(20);
    expect(timerCount()).toBe(0);
  });
});

describe('a late event loop', () => {
  it('refuses everything new at once, and lets those in who wait already', async () => {
    const { gate, state } = openTestGate();
    const leave = enterAtOnce(gate);
    const waiting = watchEntrance(gate);
    state.tooLate = true;
    expect(gate.refuseEarly()).toMatchObject({ refused: 'OVERLOADED', headers: { 'retry-after': '1' } });
    expect(isRefusal(gate.enter(patient()))).toBe(true);
    leave();
    await settled();
    expect(typeof waiting.outcome).toBe('function');
    state.tooLate = false;
    expect(gate.refuseEarly()).toBeUndefined();
  });
});
