import { systemClock } from '../../../platform/clock.ts';
import { SharedRuns, ShownEntities } from './sharedRuns.ts';

const KEPT = (): boolean => true;

/** A run that ends when the test says. */
function heldRun(value: string) {
  const held = Promise.withResolvers<string>();
  let began = 0;
  const begin = (): Promise<string> => {
    began++;
    return held.promise;
  };
  return { begin, end: () => held.resolve(value), began: () => began };
}

describe('runs that streams share', () => {
  it('are begun once for all who ask the same, and may be joined a moment after their end', async () => {
    const runs = new SharedRuns<string>(systemClock, 8);
    const run = heldRun('a');
    const asked = [1, 2, 3].map(() => runs.run('k', 'e', new ShownEntities(), run.begin, KEPT));
    run.end();
    const outcomes = await Promise.all(asked);
    const late = await runs.run('k', 'e', new ShownEntities(), run.begin, KEPT);
    expect([...outcomes, late].map(({ outcome, isOwn }) => [outcome, isOwn])).toEqual([
      ['a', true],
      ['a', false],
      ['a', false],
      ['a', false],
    ]);
    expect(run.began()).toBe(1);
  });

  it('never show a stream what was begun before the last that it was shown of the entity', async () => {
    const runs = new SharedRuns<string>(systemClock, 8);
    const shown = new ShownEntities();
    const older = heldRun('older');
    const leader = runs.run('event 2', 'e', new ShownEntities(), older.begin, KEPT);
    // This stream is shown the entity as of a later moment meanwhile.
    await runs.run('event 1', 'e', shown, () => Promise.resolve('newer'), KEPT);
    const fresh = heldRun('fresh');
    const own = runs.run('event 2', 'e', shown, fresh.begin, KEPT);
    older.end();
    fresh.end();
    await leader;
    expect(await own).toEqual({ outcome: 'fresh', isOwn: true });
  });

  it('never show a client that goes on what was begun before: its last stream may have shown it more', async () => {
    const runs = new SharedRuns<string>(systemClock, 8);
    await runs.run('event 2', 'e', new ShownEntities(), () => Promise.resolve('older'), KEPT);
    const fresh = (): Promise<string> => Promise.resolve('fresh');
    expect(await runs.run('event 2', 'e', runs.goOn(), fresh, KEPT)).toEqual({ outcome: 'fresh', isOwn: true });
    expect(await runs.run('event 2', 'e', new ShownEntities(), fresh, KEPT)).toMatchObject({ isOwn: false });
  });

  it('run at most so many at once, and one that failed makes room for the next', async () => {
    const runs = new SharedRuns<string>(systemClock, 2);
    const held = [1, 2, 3].map((at) => heldRun(`${at}`));
    const asked = held.map(({ begin }, at) => runs.run(`k${at}`, 'e', new ShownEntities(), begin, KEPT));
    await Promise.resolve();
    expect(held.map(({ began }) => began())).toEqual([1, 1, 0]);
    held[0]?.end();
    await asked[0];
    const failed = runs.run('k9', 'e', new ShownEntities(), () => Promise.reject(new Error('broken')), KEPT);
    held[1]?.end();
    held[2]?.end();
    await expect(failed).rejects.toThrow('broken');
    expect((await asked[2])?.outcome).toBe('3');
  });

  it('that are not to be kept are nobody else’s', async () => {
    const runs = new SharedRuns<string>(systemClock, 2);
    await runs.run(
      'k',
      'e',
      new ShownEntities(),
      () => Promise.resolve('refused'),
      () => false,
    );
    const next = await runs.run('k', 'e', new ShownEntities(), () => Promise.resolve('good'), KEPT);
    expect(next).toEqual({ outcome: 'good', isOwn: true });
  });
});
