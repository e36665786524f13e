import { makeEvent } from '../../../test/harness/consumerWorld.ts';
import { losersOf, MERGED, MERGER } from './readMerger.ts';

const LOSER = 'cus_00000001';
const FORMER = 'cus_00000002';

const merger = (data: object) => makeEvent(1, 1, { type: MERGED, data });

describe('losersOf', () => {
  it('gives the loser and who was merged into it before, so that the later merger alone brings all to the keeper', () => {
    expect(losersOf(merger({ loserId: LOSER, formerIds: [FORMER] }))).toEqual([LOSER, FORMER]);
  });

  it('gives the loser of an event that has no such field yet', () => {
    expect(losersOf(merger({ loserId: LOSER }))).toEqual([LOSER]);
  });
});

describe('MERGER', () => {
  it.each([{ formerIds: [] }, { loserId: 'ord_00000001' }, { loserId: LOSER, formerIds: ['x'] }])(
    'refuses %j',
    (data) => {
      expect(MERGER.check(data)).toMatch(/is missing or not what it was$/);
    },
  );

  it('accepts events with the field and without', () => {
    expect(MERGER.check({ loserId: LOSER })).toBeUndefined();
    expect(MERGER.check({ loserId: LOSER, formerIds: [FORMER] })).toBeUndefined();
  });
});
