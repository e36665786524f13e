// Who knows which types: concrete types behind abstract ones and behind @interfaceObject, over all subgraphs.
import { isAbstractType, isObjectType, type GraphQLNamedType } from 'graphql';
import type { SubgraphFacts, TypeFacts } from './readSubgraph.ts';

/** What a subgraph calls a type of the graph, and what it says about it. */
export interface KnownAs {
  readonly subgraph: SubgraphFacts;
  readonly name: string;
  readonly facts: TypeFacts;
}

/** The types of a graph as its subgraphs know them. */
export class TypesOfGraph {
  readonly subgraphs: readonly SubgraphFacts[];
  private readonly implementers = new Map<string, Set<string>>();
  private readonly interfaces = new Map<string, Set<string>>();

  constructor(subgraphs: readonly SubgraphFacts[]) {
    this.subgraphs = subgraphs;
    for (const { schema, types } of subgraphs) {
      for (const [name, facts] of types) {
        for (const implemented of facts.interfaces) {
          if (!isObjectType(schema.getType(name))) continue;
          this.implementers.set(implemented, (this.implementers.get(implemented) ?? new Set()).add(name));
          this.interfaces.set(name, (this.interfaces.get(name) ?? new Set()).add(implemented));
        }
      }
    }
  }

  interfacesOf(type: string): ReadonlySet<string> {
    return this.interfaces.get(type) ?? new Set();
  }

  /** Takes a type as a subgraph names it; gives the object types of the graph that it stands for. */
  concreteTypes(subgraph: SubgraphFacts, name: string): readonly string[] {
    const type = subgraph.schema.getType(name);
    if (type === undefined) return [];
    if (isAbstractType(type)) {
      const possible = subgraph.schema.getPossibleTypes(type);
      return [...new Set(possible.flatMap((object) => this.concreteTypes(subgraph, object.name)))];
    }
    if (subgraph.types.get(name)?.isInterfaceObject) return [...(this.implementers.get(name) ?? [])];
    return [name];
  }

  /** Takes an object type of the graph; gives what each subgraph that knows it calls it: itself or an interface. */
  knownAs(type: string): readonly KnownAs[] {
    return this.subgraphs.flatMap((subgraph) => {
      const names = [type, ...this.interfacesOf(type)].filter((name) => {
        const facts = subgraph.types.get(name);
        return facts !== undefined && (name === type || facts.isInterfaceObject);
      });
      const name = names[0];
      const facts = name === undefined ? undefined : subgraph.types.get(name);
      return name === undefined || facts === undefined ? [] : [{ subgraph, name, facts }];
    });
  }

  /** The keys of a type anywhere, also those of its interfaces. */
  keyTexts(type: string): ReadonlySet<string> {
    const names = [type, ...this.interfacesOf(type)];
    const keys = this.subgraphs.flatMap(({ types }) => names.flatMap((name) => types.get(name)?.keys ?? []));
    return new Set(keys.map((key) => key.text.replaceAll(/\s+/g, ' ').trim()));
  }

  /** A type of a subgraph's schema by its name in the graph. */
  typeIn(subgraph: SubgraphFacts, name: string): GraphQLNamedType | undefined {
    const own = [...subgraph.rootNames].find(([, usual]) => usual === name)?.[0];
    return subgraph.schema.getType(own ?? name);
  }
}
