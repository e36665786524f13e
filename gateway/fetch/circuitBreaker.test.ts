import type { Clock } from '../../platform/clock.ts';
import { CircuitBreaker } from './circuitBreaker.ts';

function openBreaker(): { breaker: CircuitBreaker; pass: (ms: number) => void } {
  let nowMs = 1_000;
  const clock: Clock = { now: () => new Date(nowMs), steadyMs: () => nowMs, after: () => () => undefined };
  return { breaker: new CircuitBreaker(clock, { failuresMax: 5, probeEveryMs: 1_000 }), pass: (ms) => (nowMs += ms) };
}
/** Opens a breaker: five refusals, the last of them half a second after the first. */
function open({ breaker, pass }: ReturnType<typeof openBreaker>): void {
  fail(breaker, 4);
  pass(500);
  fail(breaker, 1);
}

function fail(breaker: CircuitBreaker, times: number): void {
  for (let count = 0; count < times; count++) {
    breaker.letThrough();
    breaker.reportNoConnection();
  }
}

describe('the circuit breaker', () => {
  it('opens after five refused connections in a row over half a second', () => {
    const { breaker, pass } = openBreaker();
    fail(breaker, 4);
    pass(500);
    expect(breaker.letThrough()).toBe(true);
    fail(breaker, 1);
    expect([breaker.state, breaker.letThrough()]).toEqual(['open', false]);
  });

  it('stays closed for a blink of an eye, however many calls fall into it', () => {
    const { breaker, pass } = openBreaker();
    fail(breaker, 100);
    pass(499);
    fail(breaker, 1);
    expect(breaker.state).toBe('closed');
  });

  it('begins to count anew with each answer', () => {
    const { breaker } = openBreaker();
    fail(breaker, 4);
    breaker.reportAnswer();
    fail(breaker, 4);
    expect(breaker.state).toBe('closed');
  });

  it('lets one call a second through while open, and closes with its answer', () => {
    const opened = openBreaker();
    const { breaker, pass } = opened;
    open(opened);
    pass(1_000);
    expect([breaker.letThrough(), breaker.letThrough()]).toEqual([true, false]);
    breaker.reportNoConnection();
    expect(breaker.letThrough()).toBe(false);
    pass(1_000);
    expect(breaker.letThrough()).toBe(true);
    breaker.reportAnswer();
    expect([breaker.state, breaker.letThrough()]).toEqual(['closed', true]);
  });

  it('lets the next one try when a try told nothing', () => {
    const opened = openBreaker();
    const { breaker, pass } = opened;
    open(opened);
    pass(1_000);
    breaker.letThrough();
    breaker.reportNothing();
    expect(breaker.letThrough()).toBe(true);
  });

  it('closes with the connection of a try, whose answer may take long', () => {
    const opened = openBreaker();
    const { breaker, pass } = opened;
    open(opened);
    pass(1_000);
    breaker.letThrough();
    breaker.reportConnected();
    expect([breaker.state, breaker.letThrough()]).toEqual(['closed', true]);
    breaker.reportNothing();
    expect(breaker.state).toBe('closed');
  });

  it('waits for the answer of a try after a pause: whoever asks for one has connections', () => {
    const { breaker, pass } = openBreaker();
    breaker.letThrough();
    breaker.reportPause(1_000);
    pass(1_000);
    breaker.letThrough();
    breaker.reportConnected();
    expect([breaker.state, breaker.letThrough()]).toEqual(['probing', false]);
    breaker.reportAnswer();
    expect(breaker.state).toBe('closed');
  });

  it('keeps a pause that it was asked for, ten seconds at most', () => {
    const { breaker, pass } = openBreaker();
    breaker.letThrough();
    breaker.reportPause(60_000);
    pass(9_999);
    expect(breaker.letThrough()).toBe(false);
    pass(1);
    expect(breaker.letThrough()).toBe(true);
  });
});
