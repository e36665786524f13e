import { entityStep } from '../../test/harness/planSteps.ts';
import type { FetchStep } from '../compiledOperation.ts';
import { answerKey, joinParts, representationsVariable } from './joinFetches.ts';
import type { FetchPart } from './representations.ts';

const asking = (selection: string, subgraph = 'a', variables: readonly (readonly [string, string])[] = []): FetchStep =>
  entityStep(subgraph, { joinable: { selection, variables: new Map(variables) } });

/** A part with one object of the tree for each text. */
function partOf(step: FetchStep, ...ids: string[]): FetchPart {
  const texts = [...new Set(ids)];
  return { step, objects: ids.map((id) => ({ id })), indexes: ids.map((id) => texts.indexOf(id)), texts, context: '' };
}

/** The representation that each object of a part is asked by. */
const askedBy = ({ objects, indexes, texts }: FetchPart): unknown[] =>
  objects.map(({ id }, at) => [id, texts[indexes[at] ?? -1]]);

describe('joining fetches', () => {
  it('unites those that ask the same, each entity once, and every object keeps its own', () => {
    const ready = [partOf(asking('{x}'), '1', '2', '1'), partOf(asking('{x}'), '3', '2')];
    const [request, ...others] = joinParts(ready, 10);
    const [part, ...rest] = request?.parts ?? [];
    expect([others, rest, part?.texts, request?.origins]).toEqual([[], [], ['1', '2', '3'], ready]);
    expect(part && askedBy(part)).toEqual(['1', '2', '1', '3', '2'].map((id) => [id, id]));
  });

  it('leaves a part that is alone as it is, with the body that its fetch has', () => {
    const part = partOf(asking('{x}'), '1');
    const [request] = joinParts([part], 10);
    expect(request?.parts[0]).toBe(part);
    expect(request?.bodyHead).toBe(part.step.bodyHead);
  });

  it('asks different things of one subgraph under an alias and a variable each, shared variables once', () => {
    const limit = ['n', '$n:Int'] as const;
    const ready = [partOf(asking('{x(n:$n)}', 'a', [limit]), '1'), partOf(asking('{y(n:$n)}', 'a', [limit]), '2')];
    const [request] = joinParts(ready, 10);
    const [first, second] = [0, 1].map((at) => [answerKey(at, 2), `$${representationsVariable(at, 2)}`]);
    const { query } = JSON.parse(`${request?.bodyHead}}}`) as { query: string };
    expect(query).toBe(
      `query($n:Int,${first?.[1]}:[_Any!]!,${second?.[1]}:[_Any!]!)` +
        `{${first?.[0]}:_entities(representations:${first?.[1]}){x(n:$n)} ` +
        `${second?.[0]}:_entities(representations:${second?.[1]}){y(n:$n)}}`,
    );
    expect(new Set([first, second].flat()).size).toBe(4);
  });

  it('puts at most so many entities into one request', () => {
    const ready = [partOf(asking('{x}'), '1', '2'), partOf(asking('{y}'), '3'), partOf(asking('{z}'), '4')];
    expect(joinParts(ready, 3).map(({ origins }) => origins)).toEqual([ready.slice(0, 2), ready.slice(2)]);
  });

  it('never joins fetches to different subgraphs, nor one that has to go alone', () => {
    const single = entityStep('a', { joinable: undefined });
    const ready = [partOf(asking('{x}'), '1'), partOf(asking('{x}', 'b'), '1'), partOf(single, '1')];
    expect(joinParts(ready, 10).map(({ origins }) => origins)).toEqual(ready.map((part) => [part]));
  });

  it('keeps those with keys to be renamed apart, though they ask the same', () => {
    const renamed = (to: string): FetchStep => ({ ...asking('{x}'), renames: [{ path: ['x'], to }] });
    const [request] = joinParts([partOf(renamed('y'), '1'), partOf(renamed('z'), '1')], 10);
    expect(request?.parts).toHaveLength(2);
  });
});
