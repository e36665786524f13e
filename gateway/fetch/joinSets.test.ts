import { openHandClock } from '../../test/harness/handClock.ts';
import { entityStep } from '../../test/harness/planSteps.ts';
import { JoinSets } from './joinSets.ts';

/** Sets of which one holds three fetches, and a fetch of none. */
function openSets() {
  const clock = openHandClock();
  const released: string[][] = [];
  const members = [entityStep('a'), entityStep('a'), entityStep('a')] as const;
  const schedule = { setOf: new Map(members.map((step) => [step, 0])), sizes: [3] };
  const sets = new JoinSets<string>(
    schedule,
    (delayMs, task) => clock.after(delayMs, task),
    (held) => void released.push([...held]),
  );
  return { sets, members, released, clock };
}

describe('fetches that travel together', () => {
  it('hold each other until all of them are there', () => {
    const { sets, members, released, clock } = openSets();
    sets.arrive(members[0], ['x']);
    sets.arrive(members[1], ['y']);
    expect(released).toEqual([]);
    sets.arrive(members[2], ['z']);
    expect([released, clock.tasksWaiting]).toEqual([[['x', 'y', 'z']], 0]);
  });

  it('hold each other for no more than 100 ms after the first, and who comes later goes when all are there', () => {
    const { sets, members, released, clock } = openSets();
    sets.arrive(members[0], ['x']);
    clock.pass(60);
    sets.arrive(members[1], ['y']);
    clock.pass(39);
    expect(released).toEqual([]);
    clock.pass(1);
    expect(released).toEqual([['x', 'y']]);
    sets.arrive(members[2], ['z']);
    expect(released).toEqual([['x', 'y'], ['z']]);
  });

  it('count one that has nothing to send', () => {
    const { sets, members, released } = openSets();
    sets.arrive(members[0], []);
    sets.arrive(members[1], ['y']);
    sets.arrive(members[2], []);
    expect(released).toEqual([['y']]);
  });

  it('send nothing and set no timer when none of them has anything to send', () => {
    const { sets, members, released, clock } = openSets();
    for (const member of members) sets.arrive(member, []);
    expect([released, clock.tasksWaiting]).toEqual([[], 0]);
  });

  it('let one that belongs to no set go at once', () => {
    const { sets, released } = openSets();
    sets.arrive(entityStep('a'), ['alone']);
    expect(released).toEqual([['alone']]);
  });
});
