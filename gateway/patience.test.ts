import { openHandClock } from '../test/harness/handClock.ts';
import { ClientPatience } from './patience.ts';

describe('the patience of a client', () => {
  it('runs out with the time since it began, and never below nothing', () => {
    const clock = openHandClock();
    const patience = new ClientPatience(clock.steadyMs() - 100, 1_000, clock);
    expect(patience.leftMs()).toBe(900);
    clock.pass(899);
    expect(patience.leftMs()).toBe(1);
    clock.pass(500);
    expect(patience.leftMs()).toBe(0);
  });

  it('names its end in the time of day, whatever steady time counts from', () => {
    const clock = { ...openHandClock(), now: () => new Date(5_000_000) };
    expect(new ClientPatience(clock.steadyMs() - 100, 1_000, clock).deadlineMs).toBe(5_000_900);
  });

  it('tells each listener once that the client is gone, and a late one at once', () => {
    const patience = new ClientPatience(0, 1_000, openHandClock());
    const told: string[] = [];
    patience.onGone(() => told.push('first'));
    patience.onGone(() => told.push('second'));
    expect(told).toEqual([]);
    patience.leave();
    patience.leave();
    patience.onGone(() => told.push('late'));
    expect(told).toEqual(['first', 'second', 'late']);
  });

  it('does not tell who has stopped listening, even while the others are told', () => {
    const patience = new ClientPatience(0, 1_000, openHandClock());
    const told: string[] = [];
    const stop = patience.onGone(() => told.push('stopped'));
    patience.onGone(() => told.push('listening'));
    stop();
    patience.leave();
    expect(told).toEqual(['listening']);
  });
});
