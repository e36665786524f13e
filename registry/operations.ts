// Registered operations against both graphs: one that was valid and is not any more breaks the app that registered it.
import { Kind, parse, validate, GraphQLError, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { OperationManifest } from '../contracts/operationManifest.ts';
import type { PlacedDraft } from './rules/rule.ts';

/** A manifest with its file. */
export interface RegisteredFile {
  readonly file: string;
  /** Its text, for the lines of operations. */
  readonly text: string;
  readonly operations: OperationManifest;
}

function parseOperation(text: string): DocumentNode | string {
  try {
    return parse(text, { noLocation: false });
  } catch (error) {
    if (error instanceof GraphQLError) return error.message;
    throw error;
  }
}

function faultOf(document: DocumentNode, schema: GraphQLSchema): string | undefined {
  return validate(schema, document)[0]?.message;
}

/** The line that names an operation's id. */
function lineOf(manifest: string, id: string): number {
  return manifest.slice(0, Math.max(0, manifest.indexOf(JSON.stringify(id)))).split('\n').length;
}

function nameOf(document: DocumentNode, id: string): string {
  const [name] = document.definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION ? [node.name?.value] : [],
  );
  return name === undefined ? id.slice(0, 12) : `${name} (${id.slice(0, 12)})`;
}

function judge(id: string, text: string, { base, head }: { base: GraphQLSchema | undefined; head: GraphQLSchema }) {
  const document = parseOperation(text);
  if (typeof document === 'string') return { code: 'OPERATION_INVALID', name: id.slice(0, 12), fault: document };
  const fault = faultOf(document, head);
  if (fault === undefined) return undefined;
  const wasValid = base === undefined || faultOf(document, base) === undefined;
  return { code: wasValid ? 'OPERATION_BROKEN' : 'OPERATION_INVALID', name: nameOf(document, id), fault };
}

/** Takes manifests and what clients saw and see; gives the operations that are not valid. */
export function checkOperations(
  files: readonly RegisteredFile[],
  base: GraphQLSchema | undefined,
  head: GraphQLSchema,
): PlacedDraft[] {
  return files.flatMap(({ file, text: whole, operations }) =>
    [...operations].flatMap(([id, text]) => {
      const judged = judge(id, text, { base, head });
      if (judged === undefined) return [];
      const { code, name, fault } = judged;
      const what = `The operation ${name} of ${file} is not valid: ${fault}`;
      return [{ code, before: id, what, place: { file, line: lineOf(whole, id) } }];
    }),
  );
}
