// What an operation uses of the schema, found out once and kept with what else is known of it (graphView.ts): its hash and
// its coordinates, and what reads its variables. It holds nothing of the document.
import { createHash } from 'node:crypto';
import { isInputType, typeFromAST } from 'graphql';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { collectCoordinates } from './collectCoordinates.ts';
import { VariableReaders, type ReadVariables } from './variableElements.ts';

/** What an operation uses. */
export interface OperationUse {
  /** Equal ids, equal hash, name and coordinates. */
  readonly id: string;
  /** SHA-256 of the text. */
  readonly hash: string;
  readonly name: string | undefined;
  readonly coordinates: readonly string[];
  /** Undefined where the variables name nothing. */
  readonly readVariables: ReadVariables | undefined;
}

/** Takes a valid document and the operation of it that runs; gives what it uses. */
export type UseReader = (document: DocumentNode, operation: OperationDefinitionNode) => OperationUse;

const ID_LENGTH = 32;
/** As much as people read of a name; a client may make it as long as a document. */
const NAME_LENGTH_MAX = 200;

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Opens what reads the operations on one schema. */
export function openUseReader(schema: GraphQLSchema): UseReader {
  const readers = new VariableReaders();
  // Operations name the same few things: each name is held once.
  const names = new Map<string, string>();
  return (document, operation) => {
    const coordinates = collectCoordinates(document, schema).map((coordinate) => {
      const known = names.get(coordinate);
      if (known === undefined) names.set(coordinate, coordinate);
      return known ?? coordinate;
    });
    const variables = (operation.variableDefinitions ?? []).flatMap(({ variable, type }) => {
      const inputType = typeFromAST(schema, type);
      return isInputType(inputType) ? [[variable.name.value, inputType] as const] : [];
    });
    const hash = sha256(document.loc?.source.body ?? '');
    const name = operation.name?.value.slice(0, NAME_LENGTH_MAX);
    const id = sha256([hash, name ?? '', ...coordinates].join('\n')).slice(0, ID_LENGTH);
    return { id, hash, name, coordinates, readVariables: readers.forVariables(variables) };
  };
}
