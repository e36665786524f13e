// Which known name somebody may have meant: for messages about names that nobody knows.
const DISTANCE_SHARE_MAX = 0.5;

/** How many letters have to be changed, added, left out or swapped with the next one. */
function distance(left: string, right: string): number {
  let before: number[] = [];
  let above = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (let row = 1; row <= left.length; row++) {
    const line = [row];
    for (let at = 1; at <= right.length; at++) {
      const isSame = left[row - 1] === right[at - 1];
      const changed = (above[at - 1] ?? 0) + (isSame ? 0 : 1);
      let best = Math.min(changed, (above[at] ?? 0) + 1, (line[at - 1] ?? 0) + 1);
      const isSwapped = row > 1 && at > 1 && left[row - 1] === right[at - 2] && left[row - 2] === right[at - 1];
      if (isSwapped) best = Math.min(best, (before[at - 2] ?? 0) + 1);
      line.push(best);
    }
    before = above;
    above = line;
  }
  return above[right.length] ?? 0;
}

/** Takes a name and the known ones; gives the nearest that may have been meant. Case counts for nothing. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(name.length, 2) * DISTANCE_SHARE_MAX;
  for (const each of known) {
    const found = distance(name.toLowerCase(), each.toLowerCase());
    if (found <= least && (nearest === undefined || found < least)) [nearest, least] = [each, found];
  }
  return nearest;
}

/** Takes an unknown name, what it should be and the known ones; gives the sentence that says so. */
export function describeUnknown(name: string, what: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return `"${name}" is no ${what}: did you mean "${nearest}"?`;
  return `"${name}" is no ${what}: expected one of ${known.join(', ')}`;
}
