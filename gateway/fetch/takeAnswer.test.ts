import { openHandClock } from '../../test/harness/handClock.ts';
import { entityStep } from '../../test/harness/planSteps.ts';
import { callerAt } from '../../test/harness/requestStates.ts';
import type { CompiledOperation, Fields } from '../compiledOperation.ts';
import { joinParts } from './joinFetches.ts';
import type { FetchPart } from './representations.ts';
import { AnswerTaker } from './takeAnswer.ts';

const step = entityStep('a', { joinable: { selection: '{x{y}}', variables: new Map() } });
const partOf = (...objects: Fields[]): FetchPart => {
  return { step, objects, indexes: objects.map(() => 0), texts: ['1'], context: '' };
};

/** Takes an entity's answer into objects at two places that are asked together. */
function take(first: Fields[], second: Fields[], entity: Fields): void {
  const [request] = joinParts([partOf(...first), partOf(...second)], 10);
  const operation = { isOfType: () => true, isAbstract: () => false } as unknown as CompiledOperation;
  const rules = { mask: () => ({ code: 'INTERNAL', message: '' }) as const, sentenceOf: () => '' };
  const taker = new AnswerTaker(operation, callerAt(openHandClock()).state, rules);
  const text = JSON.stringify({ data: { _entities: [entity] } });
  taker.take(request?.parts ?? [], { text, bytes: text.length });
}

describe('an entity that is asked for at two places together', () => {
  it('has objects of its own at each: what comes later may differ', () => {
    const [one, same, other] = [{}, {}, {}] as Fields[];
    take([one as Fields, same as Fields], [other as Fields], { x: { y: 1 }, list: [{ z: 2 }] });
    expect([one, same, other]).toEqual(Array.from({ length: 3 }, () => ({ x: { y: 1 }, list: [{ z: 2 }] })));
    expect(same?.['x']).toBe(one?.['x']);
    expect(other?.['x']).not.toBe(one?.['x']);
    expect(other?.['list']).not.toBe(one?.['list']);
  });
});
