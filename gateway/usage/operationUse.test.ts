// What an operation uses is what it breaks without: each random document is validated on the schema without each of its
// elements, each set of variables coerced, and both must fail exactly where the element is told as used.
import fc from 'fast-check';
import { getVariableValues, Kind, parse, validate, visit, type OperationDefinitionNode } from 'graphql';
import { seededRandom } from '../../platform/random.ts';
import { drawDocument, REDUCED_SCHEMAS, USAGE_SCHEMA } from '../../test/harness/usageDocuments.ts';
import { openUseReader } from './operationUse.ts';

const readUse = openUseReader(USAGE_SCHEMA);

function read(text: string) {
  const document = parse(text);
  const operation = document.definitions.find(
    (node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION,
  );
  if (operation === undefined) throw new Error('there is no operation');
  return { document, operation, use: readUse(document, operation) };
}

/** What must be told of each interface's field beside what breaks: that of the object types behind it. */
function behindInterfaces(coordinates: ReadonlySet<string>): string[] {
  const behind = { Node: ['Person', 'Firm'], Named: ['Person'] };
  return Object.entries(behind).flatMap(([name, types]) =>
    [...coordinates]
      .filter((coordinate) => coordinate.startsWith(`${name}.`))
      .flatMap((coordinate) => types.map((type) => coordinate.replace(name, type))),
  );
}

/** Fragments within others and given objects are held against the truth in test/e2e/usage/whoBreaks.test.ts. */
function isElement(coordinate: string): boolean {
  return !/[|{]/.test(coordinate);
}

function typesNamed(text: string): string[] {
  const names = new Set<string>();
  visit(parse(text), { NamedType: (node) => void names.add(node.name.value) });
  return [...names].filter((name) => !['Int', 'ID', 'String'].includes(name));
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
let drawn = 0;

describe('what an operation uses', () => {
  it('is what its document breaks without, and the fields of object types behind an interface', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { text } = drawDocument(seededRandom(seed));
        const { document, use } = read(text);
        if (validate(USAGE_SCHEMA, document).length > 0) return;
        drawn++;
        const breaks = [...REDUCED_SCHEMAS]
          .filter(([, schema]) => validate(schema, document).length > 0)
          .map(([coordinate]) => coordinate);
        const expected = new Set([...breaks, ...behindInterfaces(new Set(breaks)), ...typesNamed(text)]);
        const elements = use.coordinates.filter(isElement);
        expect(elements).toEqual([...expected].sort());
      }),
      { numRuns: 60 },
    );
    expect(drawn).toBeGreaterThan(30);
  });

  it('is, of variables, what they cannot be coerced without', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { text, variables } = drawDocument(seededRandom(seed));
        const { document, operation, use } = read(text);
        if (validate(USAGE_SCHEMA, document).length > 0) return;
        // Without defaults: these stand in the text, and what they name is no business of the variables.
        const definitions = (operation.variableDefinitions ?? []).map(({ kind, variable, type }) => {
          return { kind, variable, type };
        });
        const fails = [...REDUCED_SCHEMAS]
          .filter(([, schema]) => getVariableValues(schema, definitions, variables).errors !== undefined)
          .map(([coordinate]) => coordinate);
        expect([...(use.readVariables?.(variables) ?? [])].filter(isElement).sort()).toEqual(fails.sort());
      }),
      { numRuns: 60 },
    );
  });

  it('is named by text, name and coordinates, and counts every operation of its document', () => {
    const { use } = read('query One { people { id } } query Two { named { name } }');
    expect(use).toMatchObject({ name: 'One', readVariables: undefined });
    expect(use.coordinates).toEqual(['Named.name', 'Person.id', 'Person.name', 'Query.named', 'Query.people']);
    expect(use.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(read('{ people { id } }').use.id).not.toBe(read('{ people { id }}').use.id);
    expect(read('{ people { id } }').use.id).toBe(read('{ people { id } }').use.id);
  });

  it('is nothing where the gateway itself answers', () => {
    expect(read('{ __typename __schema { types { name } } __type(name: "Person") { name } }').use.coordinates).toEqual(
      [],
    );
  });
});
