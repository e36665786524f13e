// What the callers of one contract see of a graph, with all that is found out once of each of their operations: what it
// costs and what it takes to run it. The graph is planned as a whole, whatever the view.
import type { GraphQLSchema } from 'graphql';
import type { CostIndex } from './admit/costIndex.ts';
import { openCostCompiler, type CompiledCost } from './admit/costOfOperation.ts';
import type { Authorizer } from './authorize/authorize.ts';
import type { ContractView } from './authorize/contractView.ts';
import type { OperationNeeds } from './authorize/operationNeeds.ts';
import { pruneOperation } from './authorize/pruneOperation.ts';
import { findOperation, openOperationCompiler, type CompilerParts } from './plan/compileOperation.ts';
import type { StoreView } from './plan/operationStore.ts';
import { findClashes } from './plan/clashingNames.ts';
import { renameAliases } from './plan/renameAliases.ts';
import type { Refusal } from './requestState.ts';
import type { LiveFields } from './stream/run/liveFields.ts';
import { compileLive, type LiveOperation } from './stream/run/liveOperation.ts';
import { openUseReader, type OperationUse } from './usage/operationUse.ts';

/** What is known of an operation beside its plan. */
export interface OperationFacts {
  readonly needs: OperationNeeds;
  readonly cost: CompiledCost;
  /** The same, under the names that its values have in the tree. */
  readonly treeCost: () => CompiledCost;
  /** What it uses of the schema. */
  readonly use: () => OperationUse;
  /** A subscription's own: what runs for each of its events, or why nothing can. */
  readonly live: () => LiveOperation | Refusal;
}

/** A view, as the known operations are kept by. */
export type GraphView = StoreView<OperationFacts>;

/** What the views of a graph have in common. */
export interface ViewParts extends Omit<CompilerParts, 'apiSchema' | 'isPart' | 'prune'> {
  readonly authorizer: Authorizer;
  readonly costIndex: CostIndex;
  readonly listSizeAssumed: number;
  readonly liveFields: LiveFields;
}

interface ViewNames {
  readonly mark: string;
  readonly contract: string | undefined;
}

function openView(apiSchema: GraphQLSchema, { mark, contract }: ViewNames, parts: ViewParts): GraphView {
  const isPart = contract !== undefined;
  const compileCost = openCostCompiler({
    schema: apiSchema,
    index: parts.costIndex,
    listSizeAssumed: parts.listSizeAssumed,
  });
  const readUse = openUseReader(apiSchema);
  return {
    mark,
    contract,
    apiSchema,
    compiler: openOperationCompiler({ ...parts, apiSchema, isPart, prune: pruneOperation }),
    inspect(document, operation) {
      let treeCost: CompiledCost | undefined;
      let use: OperationUse | undefined;
      let live: LiveOperation | Refusal | undefined;
      return {
        needs: parts.authorizer.needsOf(document, operation),
        cost: compileCost(document, operation),
        treeCost() {
          if (treeCost === undefined) {
            const renamed = renameAliases(document, findClashes(document, operation), parts.fieldNames);
            treeCost = compileCost(renamed.document, findOperation(renamed.document, operation.name?.value));
          }
          return treeCost;
        },
        use: () => (use ??= readUse(document, operation)),
        live: () => (live ??= compileLive(apiSchema, parts.liveFields, document, operation)),
      };
    },
  };
}

/**
 * Takes the schema of the whole graph, the contracts' views by name, and what they have in common; gives what finds the
 * view of a contract: of the whole graph without one, undefined for one that there is not.
 */
export function openViews(
  apiSchema: GraphQLSchema,
  contracts: ReadonlyMap<string, ContractView>,
  parts: ViewParts,
): (contract: string | undefined) => GraphView | undefined {
  const whole = openView(apiSchema, { mark: '', contract: undefined }, parts);
  const byMark = new Map<string, GraphView>();
  const byName = new Map<string, GraphView>();
  for (const [name, contract] of contracts) {
    const { mark } = contract;
    const view = byMark.get(mark) ?? openView(contract.apiSchema, { mark, contract: name }, parts);
    byMark.set(mark, view);
    byName.set(name, view);
  }
  return (contract) => (contract === undefined ? whole : byName.get(contract));
}
