// What changed between two states of the graph that were published: the change list of every view that clients have, and
// what the rules say. The same as a check finds, without the files that it would name and without judging.
import { codeOf } from './codes/codes.ts';
import { compareViews } from './diff/apiChanges.ts';
import type { Verdict } from './finding.ts';
import type { GraphChange } from './rules/rule.ts';
import { RULES } from './rules/rules.ts';

/** A change from one release to another. */
export interface ReleaseChange {
  readonly verdict: Verdict;
  readonly code: string;
  readonly coordinate: string | undefined;
  /** Who sees it: `graph`, and contracts by name; empty where it is about none. */
  readonly views: readonly string[];
  /** One sentence. */
  readonly what: string;
}

/** Takes two states; gives what changes from the first to the second. */
export async function compareReleases(change: GraphChange): Promise<ReleaseChange[]> {
  const drafts = [...(await compareViews(change)), ...RULES.flatMap((rule) => rule(change))];
  return drafts.map(({ code, verdict, coordinate, views = [], what }) => {
    return { verdict: verdict ?? codeOf(code).verdict, code, coordinate, views, what };
  });
}
