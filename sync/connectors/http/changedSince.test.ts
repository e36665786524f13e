import { before, isLater, seenWhole } from './changedSince.ts';

const EARLY = '2026-01-01T00:00:00.000Z';
const LATE = '2026-01-01T00:10:00.000Z';

describe('what an API is asked for', () => {
  it('begins where the reading began, when something newer was seen on its later pages', () => {
    expect(seenWhole(LATE, EARLY)).toBe(EARLY);
    expect(seenWhole(EARLY, LATE)).toBe(EARLY);
    expect(seenWhole('2026-01-05', EARLY)).toBe(EARLY);
  });

  it('begins at the newest value where that is no moment, and nowhere where nothing was seen', () => {
    expect(seenWhole('1200', EARLY)).toBe('1200');
    expect(seenWhole('v-77', EARLY)).toBe('v-77');
    expect(seenWhole(null, EARLY)).toBeNull();
    expect(seenWhole(LATE, null)).toBe(LATE);
  });

  it('leaves numbers as they are, and takes the overlap off moments in any writing', () => {
    expect(before('12345', 60)).toBe('12345');
    expect(before('1764000000.5', 60)).toBe('1764000000.5');
    expect(before(LATE, 60)).toBe('2026-01-01T00:09:00.000Z');
    expect(before('2026-03-01', 60)).toBe('2026-02-28T23:59:00.000Z');
    expect(before('Thu, 01 Jan 2026 00:10:00 GMT', 60)).toBe('2026-01-01T00:09:00.000Z');
  });
});

describe('the later value', () => {
  it.each([
    [LATE, EARLY],
    ['2026-01-01T00:00:00Z', '2026-01-01T00:30:00+01:00'],
    ['2026-03-01', '2026-02-28'],
    ['1000000', '999999'],
    ['1000.5', '999.75'],
    ['9007199254740993', '9007199254740992'],
    ['b', 'a'],
  ])('is %s, not %s', (later, earlier) => {
    expect(isLater(later, earlier)).toBe(true);
    expect(isLater(earlier, later)).toBe(false);
  });
});
