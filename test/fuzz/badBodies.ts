// Bodies that are no request, or one whose variables are of the wrong types: broken JSON, doubled and forbidden keys,
// numbers and texts at the edges, other character sets, packed bombs.
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { Draw } from '../oracle/draw.ts';
import { postOf, writeRequest, type BadInput } from './badInput.ts';
import { HOSTILE_NAMES, HOSTILE_VALUES } from './hostileWords.ts';
import { mutateBytes } from './mutateBytes.ts';

/** A request as a client means it. */
export interface MeantRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

/** Writes JSON; a text between `@@` stands for what it holds without quotes. */
export function writeJson(value: unknown): string {
  return JSON.stringify(value).replace(/"@@([^"]*)@@"/g, '$1');
}

const nest = (open: string, close: string, levels: number): string => `${open.repeat(levels)}${close.repeat(levels)}`;

const BODIES: readonly ((meant: MeantRequest, draw: Draw) => string | Buffer)[] = [
  (meant, draw) => mutateBytes(Buffer.from(writeJson(meant)), draw),
  (meant) => `{"query":"{ nothing }","query":${JSON.stringify(meant.query)},"variables":{},"variables":{"a":1}}`,
  (meant) => `\ufeff${writeJson(meant)}`,
  (meant) => Buffer.from(writeJson(meant), 'utf16le'),
  (meant) => Buffer.from(writeJson(meant).replace('a', '\xe9'), 'latin1'),
  (meant) => `${writeJson(meant)}${writeJson(meant)}`,
  (meant) => `[${writeJson(meant)}]`,
  (meant) => `{"query":${JSON.stringify(meant.query)},"variables":${nest('{"a":', '}', 300).replace('}', '1}')}}`,
  (meant) => `{"query":${JSON.stringify(meant.query)},"variables":{"a":${nest('[', ']', 20_000)}}}`,
  (meant) => `${' \n\t'.repeat(1_000)}${writeJson(meant)}`,
  (meant) => writeJson({ ...meant, query: meant.query.replace(/[a-z]/, '\u0000') }),
  (meant) => writeJson({ ...meant, query: `${meant.query} #\ud83d` }),
  (meant) => writeJson({ ...meant, query: `\ufeff${meant.query.replaceAll(' ', '\u2028')}` }),
  (meant) => writeJson(meant).replace('"query"', '"\\u0071uery"'),
  (meant, draw) => writeJson({ ...meant, operationName: draw.pick([...HOSTILE_NAMES, ...HOSTILE_VALUES]) }),
  (meant, draw) => writeJson({ ...meant, query: draw.pick(HOSTILE_VALUES) }),
  (meant, draw) => writeJson({ ...meant, variables: draw.pick(HOSTILE_VALUES) }),
  (meant, draw) => writeJson({ ...meant, extensions: draw.pick(HOSTILE_VALUES) }),
  (meant, draw) => writeJson({ ...meant, [draw.pick(HOSTILE_NAMES)]: draw.pick(HOSTILE_VALUES) }),
  (_, draw) => writeJson(draw.pick(HOSTILE_VALUES)),
];

/** Takes a good request; gives a body that is broken or says something else. */
export function drawBadJson(meant: MeantRequest, draw: Draw): BadInput {
  return postOf('json', draw.pick(BODIES)(meant, draw));
}

/** Changes a value somewhere in a tree of JSON. */
function spoil(value: unknown, draw: Draw): unknown {
  if (typeof value !== 'object' || value === null || draw.chance(40)) return draw.pick(HOSTILE_VALUES);
  if (Array.isArray(value) && value.length > 0) {
    const items: readonly unknown[] = value;
    return items.with(draw.below(items.length), spoil(items[0], draw));
  }
  const entries = Object.entries(value);
  const [name = draw.pick(HOSTILE_NAMES), inner] = entries[draw.below(entries.length + 1)] ?? [];
  return { ...value, [name]: spoil(inner, draw) };
}

/** Takes a good request; gives it with variables of the wrong types, too many, too few, or with hostile names. */
export function drawBadVariables(meant: MeantRequest, draw: Draw): BadInput {
  const names = Object.keys(meant.variables);
  const variables: Record<string, unknown> = { ...meant.variables };
  const changes = 1 + draw.below(3);
  for (let change = 0; change < changes; change++) {
    const name = names.length === 0 || draw.chance(10) ? draw.pick(HOSTILE_NAMES) : draw.pick(names);
    variables[name] = spoil(variables[name], draw);
  }
  return postOf('variables', writeJson({ ...meant, variables }));
}

const PACKERS = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync } as const;
const ENCODINGS = [
  'gzip',
  'x-gzip',
  'deflate',
  'br',
  'identity',
  'gzip, gzip',
  'zstd',
  'GZIP',
  '',
  '__proto__',
  'constructor',
];
/** Beyond the limit once unpacked, and small before. */
const BOMB_BYTES = 3_000_000;
const bombs = new Map<string, Buffer>();

function bombOf(kind: keyof typeof PACKERS): Buffer {
  const bomb = bombs.get(kind) ?? PACKERS[kind](Buffer.alloc(BOMB_BYTES, ' '));
  bombs.set(kind, bomb);
  return bomb;
}

/** Takes a good request; gives it packed, doubly packed, cut, under another name, or as a bomb. */
export function drawPacked(meant: MeantRequest, draw: Draw): BadInput {
  const kind = draw.pick(Object.keys(PACKERS) as (keyof typeof PACKERS)[]);
  const packed = PACKERS[kind](writeJson(meant));
  const body = draw.pick([
    () => packed,
    () => PACKERS[kind](packed),
    () => packed.subarray(0, draw.below(packed.length)),
    () => mutateBytes(packed, draw),
    () => Buffer.concat([packed, packed]),
    () => bombOf(kind),
    () => Buffer.from(writeJson(meant)),
  ])();
  const encoding = draw.chance(60) ? kind : draw.pick(ENCODINGS);
  const headers = [
    ['content-type', 'application/json'],
    ['content-encoding', encoding],
  ] as const;
  return { family: 'packed', bytes: writeRequest({ headers, body }), answers: 1, isHead: false };
}
