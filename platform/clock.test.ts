import { openCoarseClock, type Clock } from './clock.ts';

/** A clock that a test moves, with the tasks that are due. */
function openTestClock() {
  let nowMs = 0;
  let timers: { atMs: number; task: () => void }[] = [];
  const clock: Clock = {
    now: () => new Date(nowMs),
    steadyMs: () => nowMs,
    after(delayMs, task) {
      const timer = { atMs: nowMs + delayMs, task };
      timers.push(timer);
      return () => (timers = timers.filter((one) => one !== timer));
    },
  };
  const pass = (ms: number): void => {
    nowMs += ms;
    const due = timers.filter((timer) => timer.atMs <= nowMs);
    timers = timers.filter((timer) => timer.atMs > nowMs);
    for (const { task } of due) task();
  };
  return { clock, pass, timerCount: () => timers.length };
}

describe('the coarse clock', () => {
  it('runs a task once its time is over, and not before', () => {
    const { clock, pass } = openTestClock();
    const ran: string[] = [];
    const coarse = openCoarseClock(clock, 50);
    coarse.after(100, () => ran.push('a'));
    pass(50);
    pass(49);
    expect(ran).toEqual([]);
    pass(50);
    pass(50);
    expect(ran).toEqual(['a']);
  });

  it('runs no task that was cancelled, by another task too', () => {
    const { clock, pass } = openTestClock();
    const ran: string[] = [];
    const coarse = openCoarseClock(clock, 50);
    const cancels: (() => void)[] = [];
    coarse.after(10, () => cancels.forEach((cancel) => cancel()));
    cancels.push(coarse.after(10, () => ran.push('b')));
    coarse.after(20, () => ran.push('c'));
    pass(50);
    expect(ran).toEqual(['c']);
  });

  it('keeps one timer for all tasks, and none for no task', () => {
    const { clock, pass, timerCount } = openTestClock();
    const coarse = openCoarseClock(clock, 50);
    for (let count = 0; count < 100; count++) coarse.after(60, () => undefined);
    expect(timerCount()).toBe(1);
    pass(50);
    pass(50);
    expect(timerCount()).toBe(0);
  });

  it('lets what came while the process stood still be read before a deadline counts', async () => {
    const { clock, pass } = openTestClock();
    const ran: string[] = [];
    const coarse = openCoarseClock(clock, 50);
    const cancelAnswered = coarse.after(60, () => ran.push('answered meanwhile'));
    coarse.after(60, () => ran.push('not answered'));
    pass(500);
    expect(ran).toEqual([]);
    cancelAnswered();
    await new Promise(setImmediate);
    expect(ran).toEqual(['not answered']);
  });
});
