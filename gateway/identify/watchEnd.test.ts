import { openHandClock } from '../../test/harness/handClock.ts';
import { drawTestKey } from '../../test/harness/identifyParts.ts';
import type { Caller } from '../caller.ts';
import { NOBODY, readKnownKey } from './keyCaller.ts';
import { watchEnd } from './watchEnd.ts';

const NEVER = { onOver: () => () => undefined };

/** Watches a caller; gives the codes that it is told. */
function watch(caller: Caller, atMs: number, toleranceMs = 0) {
  const clock = openHandClock();
  clock.pass(atMs - clock.steadyMs());
  const codes: string[] = [];
  const stop = watchEnd({ caller, address: undefined }, NEVER, { clock, toleranceMs }, ({ refused }) =>
    codes.push(refused),
  );
  return { clock, codes, stop };
}

const person = (exp: number): Caller => ({ ...NOBODY, kind: 'person', claims: { exp } });

describe('the end of a caller', () => {
  it('is told when a key ends, once, and at once where it has ended already', () => {
    const { caller } = readKnownKey(drawTestKey({ expiresAt: new Date(5_000) }).record);
    const { clock, codes } = watch(caller, 4_000);
    expect(codes).toEqual([]);
    clock.pass(1_000);
    clock.pass(1_000);
    expect(codes).toEqual(['API_KEY_EXPIRED']);
    expect(watch(caller, 5_000).codes).toEqual(['API_KEY_EXPIRED']);
  });

  it('is told when a token ends, as late as it is still taken', () => {
    const { clock, codes } = watch(person(5), 6_000, 30_000);
    expect(codes).toEqual([]);
    clock.pass(29_000);
    expect(codes).toEqual(['TOKEN_EXPIRED']);
  });

  it('is not told to who listens no more, and never comes for nobody', () => {
    const { clock, codes, stop } = watch(person(5), 4_000);
    stop();
    clock.pass(60_000);
    expect([codes, clock.tasksWaiting, watch(NOBODY, 4_000).clock.tasksWaiting]).toEqual([[], 0, 0]);
  });
});
