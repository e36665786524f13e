import fc from 'fast-check';
import {
  Kind,
  parse,
  print,
  stripIgnoredCharacters,
  validate,
  buildSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { Fields } from '../compiledOperation.ts';
import { conditionVariables, fragmentsOf, specialize } from './specialize.ts';

function operationOf(query: string) {
  const document = parse(query, { noLocation: true });
  const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  return { document, operation: operation as OperationDefinitionNode };
}

function specialized(query: string, variables: Fields = {}): string | undefined {
  const { document, operation } = operationOf(query);
  const given = specialize(document, operation, variables);
  return given && stripIgnoredCharacters(print(given));
}

const SCHEMA = buildSchema('type Query { a: Query b: Query x: Int y: Int }');
const condition = fc.constantFrom('', '', '@include(if:$i)', '@skip(if:$s)', '@skip(if:true)', '@include(if:true)');
/** Selections with conditions anywhere, of fields, inline fragments and the fragment F. */
const { set } = fc.letrec<{ set: string; selection: string }>((tie) => ({
  selection: fc.oneof(
    { maxDepth: 4, depthSize: 'medium' },
    fc.tuple(fc.constantFrom('x', 'y'), condition).map(([name, on]) => `${name}${on}`),
    condition.map((on) => `...F${on}`),
    fc.tuple(fc.constantFrom('a', 'b', '...', '...on Query'), condition, tie('set')).map((texts) => texts.join('')),
  ),
  set: fc.array(tie('selection'), { minLength: 1, maxLength: 4 }).map((each) => `{${each.join(' ')}}`),
}));
const inFragment = set.map((text) => text.replaceAll('...F', 'x'));

describe('an operation under one outcome of its conditions', () => {
  it('has no condition left, and is valid where the operation was', () => {
    fc.assert(
      fc.property(set, inFragment, fc.boolean(), fc.boolean(), (own, shared, i, s) => {
        const { document, operation } = operationOf(
          `query($i:Boolean! $s:Boolean!)${own} fragment F on Query${shared}`,
        );
        const given = specialize(document, operation, { i, s });
        const text = given === undefined ? '' : print(given);
        expect(text).not.toMatch(/@(skip|include)/);
        const errors = given === undefined ? [] : validate(SCHEMA, given);
        // Variables that only decided conditions stay declared.
        expect(errors.filter(({ message }) => !message.includes('is never used'))).toEqual([]);
      }),
    );
  });

  it('keeps exactly what is asked, in conditions within conditions', () => {
    const query = 'query($i:Boolean!){a{x @include(if:$i)...on Query @skip(if:$i){y b @include(if:$i){x}}}}';
    expect(specialized(query, { i: true })).toBe('query($i:Boolean!){a{x}}');
    expect(specialized(query, { i: false })).toBe('query($i:Boolean!){a{...on Query{y}}}');
  });

  it('still asks for an object of which nothing is left', () => {
    expect(specialized('{a{x @skip(if:true)}}')).toBe('{a{__typename}}');
  });

  it('is nothing where no root field is left to fetch', () => {
    expect(specialized('{x @skip(if:true) __typename __schema{types{name}}}')).toBeUndefined();
  });

  it('sends a mutation once that stands there several times, in its first place, with all that is asked of it', () => {
    const query =
      'mutation($i:Boolean!){pay{x} ship{x} ...M pay @include(if:$i){z}} fragment M on Mutation{pay{y} pay{z}}';
    expect(specialized(query, { i: true })).toBe('mutation($i:Boolean!){pay{x y z z}ship{x}}');
  });

  it('keeps a mutation apart under each alias', () => {
    expect(specialized('mutation{one:pay{x} two:pay{x} one:pay{y}}')).toBe('mutation{one:pay{x y}two:pay{x}}');
  });

  it('brings along the fragments that it still reaches, and no others', () => {
    const query =
      '{a{...F}b{...G @skip(if:true)}} fragment F on Query{...H} fragment G on Query{x} fragment H on Query{y}';
    expect(specialized(query)).toBe('{a{...F}b{__typename}}fragment F on Query{...H}fragment H on Query{y}');
  });
});

describe('the variables that decide conditions', () => {
  it('are found in fields, fragments and what these hold, each once', () => {
    const { document, operation } = operationOf(
      'query($a:Boolean!$b:Boolean!$n:Int){x(n:$n) a @skip(if:$a){...F @include(if:$b)}} fragment F on Query{y @skip(if:$a) @include(if:$c)}',
    );
    expect(conditionVariables(operation, fragmentsOf(document)).sort()).toEqual(['a', 'b', 'c']);
  });
});
