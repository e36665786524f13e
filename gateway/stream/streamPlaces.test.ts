// The bounds of streams, by caller and by process, at sizes that can be counted here.
import { isRefusal } from '../requestState.ts';
import { StreamPlaces } from './streamPlaces.ts';

function codeOf(taken: ReturnType<StreamPlaces['take']>): string {
  return isRefusal(taken) ? taken.refused : 'taken';
}

describe('the places of streams', () => {
  it('refuses one caller more than its own, and leaves the others theirs', () => {
    const places = new StreamPlaces({ perCallerMax: 2, max: 10 });
    expect(['a', 'a', 'a', 'b'].map((id) => codeOf(places.take(id)))).toEqual([
      'taken',
      'taken',
      'RATE_LIMITED',
      'taken',
    ]);
    expect(places.size).toBe(3);
  });

  it('refuses everybody once the process is full', () => {
    const places = new StreamPlaces({ perCallerMax: 2, max: 3 });
    expect(['a', 'a', 'b', 'b', 'c'].map((id) => codeOf(places.take(id)))).toEqual([
      'taken',
      'taken',
      'taken',
      'OVERLOADED',
      'OVERLOADED',
    ]);
  });

  it('gives a place back once, however often it is given back', () => {
    const places = new StreamPlaces({ perCallerMax: 1, max: 2 });
    const leave = places.take('a');
    const other = places.take('b');
    if (isRefusal(leave) || isRefusal(other)) throw new Error('a place was refused');
    leave();
    leave();
    expect(places.size).toBe(1);
    expect(codeOf(places.take('b'))).toBe('RATE_LIMITED');
    expect(codeOf(places.take('a'))).toBe('taken');
    expect(places.size).toBe(2);
  });
});
