// What the graph's makers say of its costs: @cost(weight:) and @listSize, read out of the supergraph. Both are known by
// the URL of their link alone, as subgraphs may import them under any name.
import { isTypeDefinitionNode, Kind, valueFromASTUntyped } from 'graphql';
import type {
  ConstDirectiveNode,
  DefinitionNode,
  DocumentNode,
  FieldDefinitionNode,
  InterfaceTypeDefinitionNode,
  ObjectTypeDefinitionNode,
} from 'graphql';
import { readSupergraphLinks } from '../../supergraph/supergraphLinks.ts';

/** How long a list is, or the lists in an object. */
export interface ListSize {
  /** The length where no argument tells it. */
  readonly assumedSize: number | undefined;
  /** The arguments that tell the length. */
  readonly slicingArguments: readonly string[];
  /** The fields of the returned object that have this length; empty: the field itself. */
  readonly sizedFields: readonly string[];
  /** Whether exactly one slicing argument has to be given. */
  readonly isOneNeeded: boolean;
}

/** Costs by schema coordinate: `Type`, `Type.field`, `Type.field(argument:)`, `Input.field`. */
export interface CostIndex {
  /** Points of @cost; undefined where nothing is said. Never below zero. */
  readonly weightOf: (coordinate: string) => number | undefined;
  readonly listSizeOf: (coordinate: string) => ListSize | undefined;
}

const COST = 'https://specs.apollo.dev/cost';

type Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

function argumentsOf(directive: ConstDirectiveNode): Map<string, unknown> {
  return new Map((directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]));
}

function namesIn(given: unknown): string[] {
  return Array.isArray(given) ? given.filter((name) => typeof name === 'string') : [];
}

/** The specification has weights as texts, Apollo as whole numbers. One below zero would make others' costs vanish. */
function readWeight(directive: ConstDirectiveNode): number | undefined {
  const weight = Number(argumentsOf(directive).get('weight') ?? Number.NaN);
  return Number.isFinite(weight) ? Math.max(0, weight) : undefined;
}

function readListSize(directive: ConstDirectiveNode): ListSize {
  const given = argumentsOf(directive);
  const assumedSize = given.get('assumedSize');
  return {
    assumedSize: typeof assumedSize === 'number' ? Math.max(0, assumedSize) : undefined,
    slicingArguments: namesIn(given.get('slicingArguments')),
    sizedFields: namesIn(given.get('sizedFields')),
    isOneNeeded: given.get('requireOneSlicingArgument') !== false,
  };
}

/** Collects costs by coordinate. */
class IndexReader {
  readonly weights = new Map<string, number>();
  readonly sizes = new Map<string, ListSize>();
  private readonly costName: string | undefined;
  private readonly listSizeName: string | undefined;

  constructor(costName: string | undefined, listSizeName: string | undefined) {
    this.costName = costName;
    this.listSizeName = listSizeName;
  }

  read(node: DefinitionNode): void {
    if (!isTypeDefinitionNode(node)) return;
    const type = node.name.value;
    this.note(type, node.directives);
    if (!('fields' in node)) return;
    for (const field of node.fields ?? []) {
      const coordinate = `${type}.${field.name.value}`;
      this.note(coordinate, field.directives);
      if (field.kind !== Kind.FIELD_DEFINITION) continue;
      for (const { name, directives } of field.arguments ?? []) this.note(`${coordinate}(${name.value}:)`, directives);
    }
  }

  /** A type's field costs at least what the interfaces that it fulfils say of it. */
  inherit(type: Composite): void {
    for (const { name } of type.interfaces ?? []) {
      for (const field of type.fields ?? []) this.inheritField(type.name.value, name.value, field);
    }
  }

  private inheritField(type: string, from: string, { name, arguments: given }: FieldDefinitionNode): void {
    const own = `${type}.${name.value}`;
    const inherited = `${from}.${name.value}`;
    const size = this.sizes.get(inherited);
    if (size !== undefined && !this.sizes.has(own)) this.sizes.set(own, size);
    const coordinates = ['', ...(given ?? []).map((argument) => `(${argument.name.value}:)`)];
    for (const rest of coordinates) {
      const weight = this.weights.get(`${inherited}${rest}`);
      if (weight === undefined) continue;
      this.weights.set(`${own}${rest}`, Math.max(weight, this.weights.get(`${own}${rest}`) ?? 0));
    }
  }

  private note(coordinate: string, directives: readonly ConstDirectiveNode[] | undefined): void {
    for (const directive of directives ?? []) {
      if (directive.name.value === this.listSizeName) this.sizes.set(coordinate, readListSize(directive));
      if (directive.name.value !== this.costName) continue;
      const weight = readWeight(directive);
      if (weight !== undefined) this.weights.set(coordinate, weight);
    }
  }
}

/** Takes a parsed supergraph; gives what it says of costs. */
export function readCostIndex(document: DocumentNode): CostIndex {
  const links = readSupergraphLinks(document);
  const reader = new IndexReader(links.directiveName(COST, 'cost'), links.directiveName(COST, 'listSize'));
  for (const node of document.definitions) reader.read(node);
  for (const node of document.definitions) {
    if (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION) reader.inherit(node);
  }
  return {
    weightOf: (coordinate) => reader.weights.get(coordinate),
    listSizeOf: (coordinate) => reader.sizes.get(coordinate),
  };
}
