// What of a part is taken from what was kept, and what is fetched: also where the store gives out what nobody kept.
import { openHandClock } from '../../test/harness/handClock.ts';
import { callerAt } from '../../test/harness/requestStates.ts';
import { OPEN_CALLER } from '../caller.ts';
import type { EntityCache } from './entityCache.ts';
import { Recall } from './recallEntities.ts';
import type { FetchPart } from './representations.ts';

const TEXTS = ['{"id":"a"}', '{"id":"b"}'];

function recall(values: readonly (string | undefined)[]) {
  const { state } = callerAt(openHandClock(), { caller: OPEN_CALLER });
  const cache: EntityCache = {
    find: (_asked, done) => done({ values, ticket: 1 }),
    keep: () => undefined,
    noteWrite: (_subgraph, _texts, done) => done(),
  };
  const taken: unknown[] = [];
  const parts = { cache, variables: {}, state, clientNameOf: (key: string) => key };
  const step = { subgraph: 'customers', path: [], variables: [], entity: {}, cache: { mark: '{name}' } };
  const part = { step, objects: [{}, {}], indexes: [0, 1], texts: TEXTS, context: '' } as unknown as FetchPart;
  let left: FetchPart | undefined;
  new Recall({ ...parts, take: (_part, found) => void taken.push(...found) }).recall(part, (rest) => (left = rest));
  return { taken, fetched: left?.texts ?? [] };
}

describe('recalling entities', () => {
  it('takes what is kept and leaves the rest to be fetched', () => {
    expect(recall(['{"name":"Anna"}', undefined])).toEqual({ taken: [{ name: 'Anna' }], fetched: [TEXTS[1]] });
    expect(recall(['{"name":"Anna"}', '{"name":"Ben"}'])).toEqual({
      taken: [{ name: 'Anna' }, { name: 'Ben' }],
      fetched: [],
    });
  });

  it.each(['no JSON', '5', 'null', '[]', '{"__proto__":{"isAdmin":true}}'])(
    'fetches what the store has spoiled: %s',
    (spoiled) => {
      expect(recall([spoiled, '{"name":"Ben"}'])).toEqual({ taken: [{ name: 'Ben' }], fetched: [TEXTS[0]] });
      expect(recall([spoiled, spoiled])).toEqual({ taken: [], fetched: TEXTS });
    },
  );
});
