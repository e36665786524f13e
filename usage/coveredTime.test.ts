// Which time counts cover, against a picture of each second.
import fc from 'fast-check';
import { gapsOf } from './coveredTime.ts';
import type { ProcessDocument } from './usageDocuments.ts';

const at = (seconds: number): Date => new Date(seconds * 1_000);
const never = at(0);

function lived(from: number, to: number, lost: readonly (readonly [number, number])[] = []): ProcessDocument {
  const times = lost.map(([begin, end]) => ({ from: at(begin), to: at(end), requests: 1 }));
  return { _id: `${from}`, startedAt: at(from), beatAt: at(to), lost: times, expiresAt: never };
}

const told = (processes: readonly ProcessDocument[], from: number, to: number): [number, number][] =>
  gapsOf(processes, at(from), at(to)).map((gap) => [Date.parse(gap.from) / 1_000, Date.parse(gap.to) / 1_000]);

describe('the gaps of a time', () => {
  it('are what no process lived in, by the minute', () => {
    expect(told([], 0, 600)).toEqual([[0, 600]]);
    expect(told([lived(90, 200), lived(130, 250), lived(400, 425)], 0, 600)).toEqual([
      [0, 60],
      [300, 360],
      [480, 600],
    ]);
  });

  it('are not at the end, where the next beat is still to come', () => {
    expect(told([lived(0, 598)], 0, 601)).toEqual([]);
  });

  it('are what a process says that it lost, within the time that is asked about', () => {
    expect(
      told(
        [
          lived(0, 600, [
            [60, 120],
            [580, 700],
          ]),
        ],
        90,
        600,
      ),
    ).toEqual([
      [90, 120],
      [580, 600],
    ]);
  });

  it('hold each second that is not covered or was lost, and no other', () => {
    const second = fc.integer({ min: 0, max: 900 });
    const span = fc.tuple(second, second).map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const);
    const process = fc.tuple(span, fc.array(span, { maxLength: 2 }));
    fc.assert(
      fc.property(fc.array(process, { maxLength: 5 }), span, (drawn, [from, to]) => {
        const processes = drawn.map(([[begin, end], lost]) => lived(begin, end, lost));
        const gaps = told(processes, from, to);
        for (let each = from; each < to; each++) {
          const isCovered = drawn.some(
            ([[begin, end]]) => each >= begin - (begin % 60) && each < Math.floor((end + 5) / 60) * 60 + 60,
          );
          const isLost = drawn.some(([, lost]) => lost.some(([begin, end]) => each >= begin && each < end));
          expect(gaps.some(([begin, end]) => each >= begin && each < end)).toBe(isLost || !isCovered);
        }
      }),
    );
  });
});
