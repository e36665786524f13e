// Makes documents that are nearly valid out of valid ones: tokens dropped, doubled, moved and replaced, hostile names as
// aliases, variables and operation names, odd directives, fragments in circles, fans, several operations.
import type { Draw } from '../oracle/draw.ts';
import { HOSTILE_DEFINITIONS, HOSTILE_DIRECTIVES, HOSTILE_NAMES, HOSTILE_SELECTIONS } from './hostileWords.ts';

type Tokens = string[];
type Mutation = (tokens: Tokens, draw: Draw) => void;

const TOKEN = /"""[^]*?"""|"(?:\\.|[^"\\])*"|\.\.\.|[_A-Za-z]\w*|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[^\s,]/g;
const NAME = /^[_A-Za-z]\w*$/;
const WORDS = [
  ...['{', '}', '(', ')', '[', ']', ':', '=', '!', '|', '&', '$', '@', '...', '"', '""', '"""a"""', '#', '\\', ','],
  ...['query', 'mutation', 'subscription', 'fragment', 'on', 'true', 'false', 'null', '0', '-1', '1e400', '01', '1.'],
  ...['$flag', '$__proto__', '\u0000', '\ufeff', '\u2028', '😀', '\ud83d'],
];

/** The position of a token that `fits`, undefined where there is none. */
function findToken(tokens: Tokens, draw: Draw, fits: (token: string, at: number) => boolean): number | undefined {
  const fitting = tokens.map((token, at) => (fits(token, at) ? at : -1)).filter((at) => at >= 0);
  return fitting.length === 0 ? undefined : draw.pick(fitting);
}

const isField = (tokens: Tokens) => (token: string, at: number) =>
  NAME.test(token) && !['...', '@', '$', 'on', ':'].includes(tokens[at - 1] ?? '') && token !== 'on';

function insertBehind(tokens: Tokens, at: number | undefined, text: string): void {
  if (at !== undefined) tokens.splice(at + 1, 0, text);
}

/** A fan of fragments, nested in itself or through types. */
function fanOf(draw: Draw): string {
  const levels = 2 + draw.below(25);
  const wrap = draw.pick([(next: string) => next, (next: string) => `... on Query { ${next} }`]);
  const fragments = Array.from({ length: levels }, (_, level) => {
    const next = level === levels - 1 ? '__typename' : wrap(`...F${level + 1} ...F${level + 1}`);
    return `fragment F${level} on Query { ${next} }`;
  });
  return fragments.join(' ');
}

const MUTATIONS: readonly Mutation[] = [
  (tokens, draw) => void tokens.splice(draw.below(tokens.length), 1 + draw.below(2)),
  (tokens, draw) => {
    const at = draw.below(tokens.length);
    tokens.splice(at, 0, ...tokens.slice(at, at + 1 + draw.below(4)));
  },
  (tokens, draw) => {
    const [left, right] = [draw.below(tokens.length), draw.below(tokens.length)];
    [tokens[left], tokens[right]] = [tokens[right] ?? '', tokens[left] ?? ''];
  },
  (tokens, draw) => void (tokens[draw.below(tokens.length)] = draw.pick(WORDS)),
  (tokens, draw) => void tokens.splice(draw.below(tokens.length + 1), 0, draw.pick(WORDS)),
  (tokens, draw) => void (tokens[draw.below(tokens.length)] = draw.pick(tokens)),
  (tokens, draw) => {
    const at = findToken(tokens, draw, (token) => NAME.test(token));
    if (at !== undefined) tokens[at] = draw.pick(HOSTILE_NAMES);
  },
  (tokens, draw) => {
    const at = findToken(tokens, draw, isField(tokens));
    if (at !== undefined) tokens.splice(at, 0, draw.pick(HOSTILE_NAMES), ':');
  },
  (tokens, draw) => {
    const brace = findToken(tokens, draw, (token) => token === '{');
    insertBehind(tokens, brace, draw.pick(HOSTILE_SELECTIONS));
  },
  (tokens, draw) => {
    const brace = findToken(tokens, draw, (token) => token === '{');
    insertBehind(tokens, brace, `${draw.pick(HOSTILE_NAMES)}: __typename`);
  },
  (tokens, draw) => insertBehind(tokens, findToken(tokens, draw, isField(tokens)), draw.pick(HOSTILE_DIRECTIVES)),
  (tokens, draw) => void tokens.push(draw.pick(HOSTILE_DEFINITIONS)),
  (tokens, draw) => {
    insertBehind(
      tokens,
      findToken(tokens, draw, (token) => token === '{'),
      '...F0',
    );
    tokens.push(draw.chance(30) ? fanOf(draw) : draw.pick(HOSTILE_DEFINITIONS));
  },
  (tokens, draw) => {
    const flags = Array.from({ length: 12 }, (_, at) => `... @skip(if: $f${at}) { a${at}: __typename }`);
    insertBehind(
      tokens,
      findToken(tokens, draw, (token) => token === '{'),
      flags.join(' '),
    );
    if (tokens[0] === 'query' && tokens[1] === '{') {
      const definitions = flags.map((_, at) => `$f${at}: Boolean = ${draw.chance(50)}`);
      tokens.splice(1, 0, `Flags(${definitions.join(' ')})`);
    }
  },
  (tokens, draw) => {
    const at = findToken(tokens, draw, (token) => token === '{');
    insertBehind(tokens, at, `${draw.pick(['id', '__typename', 'customers { id }'])} `.repeat(20 + draw.below(400)));
  },
];

/** Takes a valid document; gives one with some changes, which may still be valid. */
export function mutateDocument(document: string, draw: Draw): string {
  const tokens: Tokens = document.match(TOKEN) ?? [];
  // One change alone often leaves a document valid, which then is planned and run.
  const changes = draw.chance(60) ? 1 : 2 + draw.below(2);
  for (let change = 0; change < changes; change++) {
    if (tokens.length === 0) break;
    draw.pick(MUTATIONS)(tokens, draw);
  }
  return tokens.join(' ');
}
