// When customers buy, and from which shelf: by their habit, and by the season of what they buy.
import type { Shelf } from './catalogue.ts';
import type { Person } from './customers.ts';
import { elementAt } from './draw.ts';
import type { World } from './world.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const TRIES_MAX = 6;
const SEASON_MAX = 3.4;
const ORDERS_MAX = 60;
/** How many days before the last day of the data the showcase bought. */
const SHOWCASE_DAYS = [3, 24, 61, 118, 190, 268, 340, 455, 560];

/** That a customer buys from a shelf at a moment. */
export interface Purchase {
  readonly atMs: number;
  readonly shelf: Shelf;
}

function purchaseCount({ habit, draw }: Person): number {
  switch (habit) {
    case 'PROSPECT':
      return 0;
    case 'ONE_TIME':
      return 1;
    case 'REGULAR':
    case 'LAPSED':
      return draw.whole(2, 6);
    case 'LOYAL':
      return Math.min(ORDERS_MAX, 7 + Math.floor(-Math.log(1 - draw.next()) * 8));
  }
}

/** Draws a moment until the season agrees, a few times at most. */
function seasonalMoment({ draw }: Person, shelf: Shelf, [fromMs, toMs]: readonly [number, number]): number {
  for (let tries = 1; ; tries += 1) {
    const atMs = draw.moment(fromMs, toMs);
    const month = new Date(atMs).getUTCMonth();
    if (tries >= TRIES_MAX || draw.chance(elementAt(shelf.category.season, month) / SEASON_MAX)) return atMs;
  }
}

/** Takes the shelves and a person; gives its purchases, oldest first. */
export function planPurchases({ untilMs }: World, shelves: readonly Shelf[], person: Person): Purchase[] {
  const { draw, habit, createdMs, isShowcase } = person;
  if (isShowcase) {
    const bought = (days: number): Purchase => ({
      atMs: untilMs - draw.whole(days * 1_440 - 600, days * 1_440) * MINUTE_MS,
      shelf: draw.pickWeighted(shelves),
    });
    return SHOWCASE_DAYS.map(bought).reverse();
  }
  const lastMs = habit === 'LAPSED' ? untilMs - draw.whole(270, 420) * DAY_MS : untilMs;
  const purchases = Array.from({ length: purchaseCount(person) }, (): Purchase => {
    const shelf = draw.pickWeighted(shelves);
    const isAtOnce = habit === 'ONE_TIME' && draw.chance(0.7);
    return { shelf, atMs: isAtOnce ? createdMs + 60_000 : seasonalMoment(person, shelf, [createdMs, lastMs]) };
  });
  return purchases.sort((left, right) => left.atMs - right.atMs);
}
