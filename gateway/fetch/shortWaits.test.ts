import { openHandClock } from '../../test/harness/handClock.ts';
import { ShortWaits, UsualWait } from './shortWaits.ts';

const nextRound = (): Promise<void> => new Promise((done) => setImmediate(done));

describe('what a subgraph usually takes', () => {
  it('is short once it was seen to be, and stays so when one answer is late', () => {
    const usual = new UsualWait();
    expect(usual.isShort).toBe(false);
    usual.note(0.3);
    expect(usual.isShort).toBe(true);
    usual.note(500);
    expect(usual.isShort).toBe(true);
    for (let count = 0; count < 10; count++) usual.note(5);
    expect(usual.isShort).toBe(false);
  });
});

describe('short waits', () => {
  const clock = openHandClock();
  let looked = 0;
  const counting = { ...clock, steadyMs: () => ((looked += 1), clock.steadyMs()) };
  /** Whether the loop is kept going: each round looks at the time. */
  const isLooking = async (): Promise<boolean> => {
    const before = looked;
    for (let round = 0; round < 3; round++) await nextRound();
    return looked - before > 1;
  };

  it('keep the loop going until the answer is there', async () => {
    const waits = new ShortWaits(counting);
    waits.begin(clock.steadyMs());
    expect(await isLooking()).toBe(true);
    waits.end();
    expect(await isLooking()).toBe(false);
  });

  it('end after a while without it, and begin again with the next', async () => {
    const waits = new ShortWaits(counting);
    waits.begin(clock.steadyMs());
    clock.pass(2);
    expect(await isLooking()).toBe(false);
    waits.begin(clock.steadyMs());
    expect(await isLooking()).toBe(true);
    waits.end();
    waits.end();
    expect(await isLooking()).toBe(false);
  });

  it('are slept through where many are due', async () => {
    const waits = new ShortWaits(counting);
    for (let count = 0; count < 5; count++) waits.begin(clock.steadyMs());
    expect(await isLooking()).toBe(false);
  });
});
