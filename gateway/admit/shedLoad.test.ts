import { isRefusal, type Patience } from '../requestState.ts';
import { openGate } from './shedLoad.ts';

const patient = (signal = new AbortController().signal, leftMs = 1_000): Patience => ({
  deadlineMs: 0,
  leftMs: () => leftMs,
  clientGone: signal,
});

describe('the gate', () => {
  it('lets so many run, the next ones wait in order, and refuses who comes after them', async () => {
    const gate = openGate(1, 2);
    const leave = await gate.enter(patient());
    const order: string[] = [];
    const waiting = ['first', 'second'].map(async (name) => {
      const turn = await gate.enter(patient());
      order.push(name);
      if (typeof turn === 'function') turn();
    });
    expect(await gate.enter(patient())).toMatchObject({ refused: 'OVERLOADED', headers: { 'retry-after': '1' } });
    if (typeof leave === 'function') leave();
    await Promise.all(waiting);
    expect(order).toEqual(['first', 'second']);
    expect(isRefusal(await gate.enter(patient()))).toBe(false);
  });

  it('forgets who has left while waiting', async () => {
    const gate = openGate(1, 1);
    const leave = await gate.enter(patient());
    const leaver = new AbortController();
    const gone = gate.enter(patient(leaver.signal));
    leaver.abort();
    expect(isRefusal(await gone)).toBe(true);
    if (typeof leave === 'function') leave();
    expect(isRefusal(await gate.enter(patient()))).toBe(false);
  });

  it('passes the turn of a request without time on to the next', async () => {
    const gate = openGate(1, 2);
    const leave = await gate.enter(patient());
    const late = gate.enter(patient(undefined, 0));
    const next = gate.enter(patient());
    if (typeof leave === 'function') leave();
    expect(isRefusal(await late)).toBe(true);
    expect(isRefusal(await next)).toBe(false);
  });

  it('counts a turn that is ended twice once', async () => {
    const gate = openGate(1, 0);
    const leave = await gate.enter(patient());
    if (typeof leave === 'function') [leave, leave].forEach((end) => end());
    expect(isRefusal(await gate.enter(patient()))).toBe(false);
    expect(isRefusal(await gate.enter(patient()))).toBe(true);
  });
});
