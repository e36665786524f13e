// What is measured of each peer in a round.
import type { QueryName } from '../graph/reference.ts';

/** One way of sending. */
export interface Series {
  readonly name: string;
  readonly title: string;
  readonly query: QueryName;
  readonly unique: boolean;
  readonly connections: number;
}

/** Takes the numbers of connections; gives the series: unique callers at each, then equal callers at the largest. */
export function listSeries(connections: readonly number[]): Series[] {
  const unique = connections.map((count): Series => {
    const title = `unique callers, nested query, ${count} connection${count === 1 ? '' : 's'}`;
    return { name: `unique-${count}`, title, query: 'nested', unique: true, connections: count };
  });
  const count = Math.max(...connections);
  const title = `equal callers, small query, ${count} connection${count === 1 ? '' : 's'}`;
  return [...unique, { name: `equal-${count}`, title, query: 'small', unique: false, connections: count }];
}
