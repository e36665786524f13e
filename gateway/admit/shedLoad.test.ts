import { isRefusal, type Patience, type Refusal } from '../requestState.ts';
import { openGate, type Gate, type Leave } from './shedLoad.ts';

const patient = (signal = new AbortController().signal, leftMs = 1_000): Patience => ({
  deadlineMs: 0,
  leftMs: () => leftMs,
  onGone(listener) {
    if (signal.aborted) listener();
    signal.addEventListener('abort', listener, { once: true });
    return () => signal.removeEventListener('abort', listener);
  },
});

interface Bounds {
  readonly executingMax?: number;
  readonly inFlightMax?: number;
  readonly waitingMax?: number;
  readonly waitMsMax?: number;
}

/** A gate whose time, lateness and idle moments the test moves. */
function openTestGate(bounds: Bounds = {}) {
  const state = { nowMs: 0, tooLate: false, hasRoom: true };
  let watchers: (() => void)[] = [];
  const gate = openGate({
    executingMax: 1,
    inFlightMax: 10,
    waitingMax: 2,
    waitMsMax: 1_000,
    ...bounds,
    clock: { now: () => new Date(state.nowMs), steadyMs: () => state.nowMs, after: () => () => undefined },
    whenIdle: (task) => watchers.push(task),
    hasRoom: () => state.hasRoom,
    isTooLate: () => state.tooLate,
  });
  const idle = (moments = 1): void => {
    for (let moment = 0; moment < moments; moment++) {
      const now = watchers;
      watchers = [];
      now.forEach((task) => task());
    }
  };
  return { gate, state, idle, watcherCount: () => watchers.length };
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

  it('refuses who has left before it had to wait, and keeps no place for it', async () => {
    const { gate } = openTestGate();
    enterAtOnce(gate);
    expect(isRefusal(await gate.enter(patient(AbortSignal.abort())))).toBe(true);
    expect(gate.counts()).toEqual({ inFlight: 1, waiting: 0 });
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
    const { gate, idle } = openTestGate({ waitingMax: 1, inFlightMax: 2 });
    const first = enterAtOnce(gate);
    const second = watchEntrance(gate);
    idle();
    await settled();
    [first, first].forEach((leave) => leave());
    expect(gate.counts()).toEqual({ inFlight: 1, waiting: 0 });
    if (typeof second.outcome === 'function') [second.outcome, second.outcome].forEach((leave) => leave());
    expect(gate.counts()).toEqual({ inFlight: 0, waiting: 0 });
    enterAtOnce(gate);
    expect(gate.enter(patient())).toBeInstanceOf(Promise);
  });
});

describe('a loop with nothing to do while somebody waits', () => {
  it('lets one more in at each idle moment, in order, as those with a turn wait for subgraphs', async () => {
    const { gate, idle } = openTestGate({ executingMax: 2, waitingMax: 3 });
    enterAtOnce(gate);
    enterAtOnce(gate);
    const waiting = Array.from({ length: 3 }, () => watchEntrance(gate));
    const letIn = (): boolean[] => waiting.map(({ outcome }) => typeof outcome === 'function');
    await settled();
    expect(letIn()).toEqual([false, false, false]);
    idle();
    await settled();
    expect(letIn()).toEqual([true, false, false]);
    idle(2);
    await settled();
    expect(letIn()).toEqual([true, true, true]);
    expect(gate.counts()).toEqual({ inFlight: 5, waiting: 0 });
  });

  it('gives a turn that ends to the next one, whether others lost theirs or not', async () => {
    const { gate, idle } = openTestGate({ waitingMax: 3 });
    const hanging = enterAtOnce(gate);
    const [second, third] = [watchEntrance(gate), watchEntrance(gate)];
    idle();
    await settled();
    hanging();
    await settled();
    expect(third.outcome).toBeUndefined();
    if (typeof second.outcome === 'function') second.outcome();
    await settled();
    expect(typeof third.outcome).toBe('function');
  });

  it('lets nobody past the bound of those in flight, so that a hanging subgraph holds a bounded number', async () => {
    const { gate, idle, watcherCount } = openTestGate({ inFlightMax: 3, waitingMax: 5 });
    const leave = enterAtOnce(gate);
    const waiting = Array.from({ length: 4 }, () => watchEntrance(gate));
    idle(5);
    await settled();
    expect(gate.counts()).toEqual({ inFlight: 3, waiting: 2 });
    expect(watcherCount()).toBe(0);
    leave();
    idle();
    await settled();
    expect(waiting.map(({ outcome }) => typeof outcome)).toEqual(['function', 'function', 'function', 'undefined']);
  });

  it('lets nobody in while those inside leave no room, and looks again when one of them ends', async () => {
    const { gate, state, idle, watcherCount } = openTestGate({ executingMax: 2 });
    const leave = enterAtOnce(gate);
    enterAtOnce(gate);
    state.hasRoom = false;
    const [second, third] = [watchEntrance(gate), watchEntrance(gate)];
    expect(watcherCount()).toBe(0);
    state.hasRoom = true;
    leave();
    await settled();
    expect([typeof second.outcome, typeof third.outcome]).toEqual(['function', 'undefined']);
    idle();
    await settled();
    expect(typeof third.outcome).toBe('function');
  });

  it('is watched for once for all who wait, and not at all when nobody does', async () => {
    const { gate, idle, watcherCount } = openTestGate({ waitingMax: 9 });
    enterAtOnce(gate);
    expect(watcherCount()).toBe(0);
    Array.from({ length: 5 }, () => watchEntrance(gate));
    expect(watcherCount()).toBe(1);
    idle(5);
    await settled();
    expect(gate.counts()).toEqual({ inFlight: 6, waiting: 0 });
    expect(watcherCount()).toBe(0);
  });

  it('comes for nothing when those who waited have left', async () => {
    const { gate, idle, watcherCount } = openTestGate();
    enterAtOnce(gate);
    const leaver = new AbortController();
    const gone = gate.enter(patient(leaver.signal));
    leaver.abort();
    await gone;
    idle();
    expect(gate.counts()).toEqual({ inFlight: 1, waiting: 0 });
    expect(watcherCount()).toBe(0);
    expect(gate.enter(patient())).toBeInstanceOf(Promise);
  });
});

describe('a gate with more than it can do', () => {
  it('refuses whoever comes after the last one who may wait, before the body is read too', () => {
    const { gate } = openTestGate();
    const leave = enterAtOnce(gate);
    void gate.enter(patient());
    expect(gate.refuseEarly()).toBeUndefined();
    void gate.enter(patient());
    expect(gate.refuseEarly()).toMatchObject({ refused: 'OVERLOADED', headers: { 'retry-after': '1' } });
    leave();
    expect(gate.refuseEarly()).toBeUndefined();
  });

  it('lets nobody new wait behind one who has waited too long, and lets that one in when there is a turn', async () => {
    const { gate, state } = openTestGate({ waitMsMax: 50 });
    const leave = enterAtOnce(gate);
    const first = watchEntrance(gate);
    state.nowMs = 50;
    expect(gate.refuseEarly()).toBeUndefined();
    state.nowMs = 51;
    expect(isRefusal(gate.refuseEarly())).toBe(true);
    expect(isRefusal(gate.enter(patient()))).toBe(true);
    leave();
    await settled();
    expect(typeof first.outcome).toBe('function');
    expect(gate.enter(patient())).toBeInstanceOf(Promise);
  });

  it('lets a quarter as many wait while its event loop is late, and whoever there is a turn for in at once', async () => {
    const { gate, state } = openTestGate({ waitingMax: 8 });
    state.tooLate = true;
    expect(gate.refuseEarly()).toBeUndefined();
    const leave = enterAtOnce(gate);
    const waiting = [watchEntrance(gate), watchEntrance(gate)];
    expect(isRefusal(gate.refuseEarly())).toBe(true);
    expect(isRefusal(gate.enter(patient()))).toBe(true);
    leave();
    await settled();
    expect(waiting.map(({ outcome }) => typeof outcome)).toEqual(['function', 'undefined']);
    state.tooLate = false;
    expect(gate.refuseEarly()).toBeUndefined();
  });
});
