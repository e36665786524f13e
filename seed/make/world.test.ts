import { isIdOf } from '../../contracts/entityId.ts';
import { DEFAULT_UNTIL, drawFor, externalRefAt, idAt, idOfCustomers, makeWorld } from './world.ts';

const untilMs = Date.parse(DEFAULT_UNTIL);
const world = makeWorld('main', 1, untilMs);

describe('ids of a world', () => {
  it('gives 100,000 entities of a kind 100,000 well-formed ids', () => {
    const ids = Array.from({ length: 100_000 }, (_, number) => idAt(world, 'eng', number));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => isIdOf('eng', id) && id.length === 30)).toBe(true);
  });

  it('gives the same number another id in another tenant, seed or kind', () => {
    const ids = [
      idAt(world, 'cus', 7),
      idAt(makeWorld('other', 1, untilMs), 'cus', 7),
      idAt(makeWorld('main', 2, untilMs), 'cus', 7),
      idAt(world, 'cus', 8),
    ];
    expect(new Set(ids).size).toBe(4);
    expect(idAt(world, 'ord', 7).slice(4)).not.toBe(idAt(world, 'cus', 7).slice(4));
    expect(idAt(makeWorld('main', 1, 0), 'cus', 7)).toBe(ids[0]);
  });

  it('refuses a place that would be the next customer’s', () => {
    expect(() => idOfCustomers(world, 'eng', 3, 256)).toThrow(RangeError);
    expect(idOfCustomers(world, 'eng', 3, 255)).not.toBe(idOfCustomers(world, 'eng', 4, 0));
  });

  it('keeps the references of two seeds apart', () => {
    expect(externalRefAt(world, 'C', 0)).toEqual({ source: 'shop', id: 'C-000001' });
    expect(externalRefAt(makeWorld('main', 2, untilMs), 'C', 0).id).not.toBe('C-000001');
  });

  it('draws the same for the same entity and otherwise for the next', () => {
    const drawn = (number: number): number[] => {
      const draw = drawFor(world, 'cus', number);
      return [draw.next(), draw.next(), draw.next()];
    };
    expect(drawn(5)).toEqual(drawn(5));
    expect(drawn(5)).not.toEqual(drawn(6));
  });
});
