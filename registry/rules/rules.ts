// All rules at the level of federation, in the order of their weight.
import { contractsChanged } from './contractsChanged.ts';
import { costsChanged } from './costsChanged.ts';
import { hiddenShown } from './hiddenShown.ts';
import { interfaceObjectsChanged } from './interfaceObjectsChanged.ts';
import { keysChanged } from './keysChanged.ts';
import { needsChanged } from './needsChanged.ts';
import { ownersChanged } from './ownersChanged.ts';
import type { Rule } from './rule.ts';
import { subgraphsChanged } from './subgraphsChanged.ts';
import { tagsChanged } from './tagsChanged.ts';

/** Each is run on every check. */
export const RULES: readonly Rule[] = [
  needsChanged,
  hiddenShown,
  tagsChanged,
  contractsChanged,
  subgraphsChanged,
  keysChanged,
  ownersChanged,
  interfaceObjectsChanged,
  costsChanged,
];
