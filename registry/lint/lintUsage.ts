// Deprecation against what is asked for: what goes away without having been deprecated, and what is deprecated and can go.
import { getNamedType, isEnumType, isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql';
import type { UsageExport } from '../../contracts/usageExport.ts';
import { gapOf, type UsageThresholds } from '../judge/judgeByUsage.ts';
import { GRAPH_VIEW, type Snapshot } from '../snapshot.ts';
import type { PlacedDraft } from '../rules/rule.ts';

/** What is compared, and what was recorded. */
interface LintedUsage {
  readonly head: Snapshot;
  readonly base: Snapshot | undefined;
  readonly usage: UsageExport | undefined;
  readonly thresholds: UsageThresholds;
  readonly now: Date;
}

/** Output fields and enum values, and whether each is deprecated. */
function readDeprecations(schema: GraphQLSchema | undefined): Map<string, boolean> {
  const found = new Map<string, boolean>();
  for (const type of Object.values(schema?.getTypeMap() ?? {})) {
    if (type.name.startsWith('__')) continue;
    const isOutput = isObjectType(type) || isInterfaceType(type);
    const parts = isEnumType(type) ? type.getValues() : isOutput ? Object.values(type.getFields()) : [];
    for (const part of parts) {
      const isOld = part.deprecationReason !== undefined && part.deprecationReason !== null;
      found.set(`${getNamedType(type).name}.${part.name}`, isOld);
    }
  }
  return found;
}

/** Finds what was removed without warning, and what may be removed now. */
export function lintUsage({ head, base, usage, thresholds, now }: LintedUsage): PlacedDraft[] {
  const after = readDeprecations(head.state?.views.get(GRAPH_VIEW));
  const before = readDeprecations(base?.state?.views.get(GRAPH_VIEW));
  const types = new Set([...after.keys()].map((coordinate) => coordinate.split('.')[0]));
  const drafts: PlacedDraft[] = [];
  for (const [coordinate, isOld] of after.size === 0 ? [] : before) {
    // Of a type that went as a whole its parts are not told one by one.
    if (after.has(coordinate) || isOld || !types.has(coordinate.split('.')[0])) continue;
    const what = `${coordinate} was removed without having been @deprecated before.`;
    drafts.push({ code: 'REMOVED_UNDEPRECATED', coordinate, views: [GRAPH_VIEW], before: coordinate, what });
  }
  if (usage === undefined || gapOf(usage, thresholds.days, now) !== undefined) return drafts;
  const used = new Set(usage.rows.map((row) => row.coordinate));
  for (const [coordinate, isOld] of after) {
    if (!isOld || used.has(coordinate)) continue;
    const what = `${coordinate} is deprecated, and nobody has asked for it in ${thresholds.days} days.`;
    drafts.push({ code: 'UNUSED_FIELD', coordinate, views: [GRAPH_VIEW], what });
  }
  return drafts;
}
