// The only file that imports ESLint and @graphql-eslint: how names and descriptions in a subgraph's schema are written.
import plugin, { parser } from '@graphql-eslint/eslint-plugin';
import { Linter } from 'eslint';
import { Kind } from 'graphql';
import { readSupergraphLinks } from '../../supergraph/supergraphLinks.ts';
import type { LoadedSubgraph } from '../compose.ts';
import { readLines } from '../load/places.ts';
import type { PlacedDraft } from '../rules/rule.ts';

const NAMED = {
  types: 'PascalCase',
  FieldDefinition: 'camelCase',
  InputValueDefinition: 'camelCase',
  DirectiveDefinition: 'camelCase',
  EnumValueDefinition: 'UPPER_CASE',
  allowLeadingUnderscore: true,
};
/** Rules of the plugin, with the code that each has here and what it is told. */
const RULES: readonly (readonly [rule: string, code: string, options?: object])[] = [
  ['naming-convention', 'NAMING', NAMED],
  ['require-description', 'DESCRIPTION_MISSING', { types: true }],
  ['require-deprecation-reason', 'DEPRECATION_REASON_MISSING'],
  ['no-typename-prefix', 'TYPENAME_PREFIX'],
  ['no-hashtag-description', 'COMMENT_AS_DESCRIPTION'],
  ['unique-enum-value-names', 'ENUM_VALUE_TWICE'],
];
const PLUGIN = 'graphql';
const CODES = new Map(RULES.map(([rule, code]) => [`${PLUGIN}/${rule}`, code]));

const CONFIG = [
  {
    files: ['**/*.graphql'],
    // A comment in a schema turns no rule off: approvals are for that.
    linterOptions: { noInlineConfig: true },
    plugins: { [PLUGIN]: plugin },
    // Without it the parser looks for a file of settings in the folders above.
    languageOptions: { parser, parserOptions: { graphQLConfig: {} } },
    rules: Object.fromEntries(
      RULES.map(([rule, , options]) => [`${PLUGIN}/${rule}`, options === undefined ? 'error' : ['error', options]]),
    ),
  },
] as unknown as Linter.Config[];

/** What is said in place of the plugin's own words, where those name the rule and not what was found. */
const SAYS: Readonly<Record<string, (coordinate: string) => string>> = {
  DESCRIPTION_MISSING: (coordinate) => `${coordinate} has no description.`,
  DEPRECATION_REASON_MISSING: (coordinate) => `${coordinate} is @deprecated without a reason.`,
  COMMENT_AS_DESCRIPTION: (coordinate) => `The description of ${coordinate} is a comment.`,
  ENUM_VALUE_TWICE: (coordinate) => `${coordinate} is there already in another case.`,
};

/** The element that a message names, that of a line which it quotes, or the first one there. */
function elementAt(lines: ReadonlyMap<string, number>, line: number, message: string): string | undefined {
  const [, name, owner] = / "(\w+)" in (?:type|interface|input|enum) "(\w+)"/.exec(message) ?? [];
  if (owner !== undefined && lines.has(`${owner}.${name ?? ''}`)) return `${owner}.${name ?? ''}`;
  const there = [...lines].filter(([, at]) => at === line).map(([coordinate]) => coordinate);
  return there.find((each) => message.includes(`"${each.replace(/^.*[.(]|:\)$/g, '')}"`)) ?? there[0];
}

/** The root types of a schema: what those are is said by the specification. */
function rootNames({ document }: LoadedSubgraph): Set<string> {
  const named = document.definitions.flatMap((node) =>
    node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION ? (node.operationTypes ?? []) : [],
  );
  return new Set(['Query', 'Mutation', 'Subscription', ...named.map(({ type }) => type.name.value)]);
}

/** Lints one schema. */
export function lintStyle(subgraph: LoadedSubgraph): PlacedDraft[] {
  const linter = new Linter({ configType: 'flat' });
  const lines = readLines(subgraph.document);
  const roots = rootNames(subgraph);
  const { isLinkedType } = readSupergraphLinks(subgraph.document);
  return linter.verify(subgraph.text, CONFIG, { filename: 'schema.graphql' }).flatMap(({ ruleId, message, line }) => {
    const code = CODES.get(ruleId ?? '');
    // The file's own heading is a comment and no description.
    if (code === undefined || (code === 'COMMENT_AS_DESCRIPTION' && line === 1)) return [];
    const place = { file: subgraph.schemaPath, line };
    const coordinate = elementAt(lines, line, message);
    const said = `${message.split('\n')[0] ?? ''}.`.replace(/\.\.$/, '.');
    const what = (coordinate === undefined ? undefined : SAYS[code]?.(coordinate)) ?? said;
    if (code === 'DESCRIPTION_MISSING' && roots.has(coordinate ?? '')) return [];
    // What belongs to a linked specification is named with its prefix, and clients see nothing of it.
    if (code === 'NAMING' && isLinkedType(coordinate ?? '')) return [];
    return [{ code, coordinate, subgraph: subgraph.name, after: what, what, place }];
  });
}
