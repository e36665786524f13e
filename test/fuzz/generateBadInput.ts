// One bad input for each seed, drawn from all families. Most begin as a valid operation: what is wrong all over is
// refused at the first look, what is nearly right gets further.
import type { GraphQLSchema } from 'graphql';
import { drawFrom, type Draw } from '../oracle/draw.ts';
import { generateOperation } from '../oracle/generateOperation.ts';
import { drawBadJson, drawBadVariables, drawPacked, writeJson, type MeantRequest } from './badBodies.ts';
import { drawBrokenHttp, drawOddHttp } from './badHttp.ts';
import { drawAuthorized } from './badKeys.ts';
import { postOf, type BadInput } from './badInput.ts';
import { HOSTILE_NAMES } from './hostileWords.ts';
import { mutateDocument } from './mutateDocument.ts';

/** Mostly as it is meant. */
const DRY_RUNS = [true, true, true, true, false, null, 1, 'true', {}];

function drawDocument(meant: MeantRequest, draw: Draw): BadInput {
  const query = mutateDocument(meant.query, draw);
  if (draw.chance(5))
    return postOf('dry run', writeJson({ ...meant, query, extensions: { dryRun: draw.pick(DRY_RUNS) } }));
  if (!draw.chance(15)) return postOf('document', writeJson({ ...meant, query }));
  const operationName = draw.chance(50) ? draw.pick(HOSTILE_NAMES) : (/\w+/.exec(query)?.[0] ?? 'Op');
  const named = query.replace(/^(query|mutation)(?: \w+)?/, `$1 ${operationName}`);
  return postOf('document', writeJson({ ...meant, query: named, operationName }));
}

/** How often, of 100, and what. */
const FAMILIES: readonly (readonly [share: number, draw: (meant: MeantRequest, draw: Draw) => BadInput])[] = [
  [48, drawDocument],
  [15, drawBadVariables],
  [12, drawBadJson],
  [11, drawOddHttp],
  [10, drawBrokenHttp],
  [4, drawPacked],
];
const SPREAD = 0x9e37_79b1;
/** Valid operations are slow to make: so many are made once. */
const OPERATIONS = 400;

function drawInput(meant: MeantRequest, draw: Draw): BadInput {
  let share = draw.below(100);
  for (const [own, make] of FAMILIES) {
    if (share < own) return make(meant, draw);
    share -= own;
  }
  return postOf('good', writeJson(meant));
}

/** What inputs are made from. */
export interface GeneratorParts {
  /** What clients see. */
  readonly api: GraphQLSchema;
  /** Documents of others. */
  readonly documents: readonly MeantRequest[];
  readonly seed: number;
  /** A right key, where the gateway asks for one. */
  readonly key: string | undefined;
}

/** Takes what inputs are made from; gives what makes the input of each number. */
export function openGenerator({ api, documents, seed, key }: GeneratorParts): (number: number) => BadInput {
  const generated = Array.from({ length: OPERATIONS }, (_, at): MeantRequest => {
    const { text, variables } = generateOperation(api, seed * OPERATIONS + at);
    return { query: text, variables };
  });
  return (number) => {
    const draw = drawFrom(Math.imul(seed, SPREAD) ^ number);
    const meant = draw.chance(4) ? draw.pick(documents) : draw.pick(generated);
    const input = drawInput(meant, draw);
    return key === undefined ? input : drawAuthorized(input, key, draw);
  };
}
