// Changes of what clients see, by the names that @graphql-inspector/core gives them. What is alike for many of them is
// said once, by family.
import type { Verdict } from '../finding.ts';
import type { Code, Codes } from './code.ts';

type Family = Omit<Code, 'title' | 'step'>;

const REMOVED: Family = {
  verdict: 'breaking',
  expected: 'Nothing that a client may ask for goes away before its time.',
  why: 'An operation that names it is refused as a whole from the moment that the new graph is served.',
  mend: 'Mark it @deprecated with what replaces it, wait until nobody asks for it any more, then remove it. If nobody does already, give the check the recorded usage (--usage); if it has to go anyway, approve it.',
};
const INPUT_REMOVED: Family = {
  ...REMOVED,
  why: 'An operation that sends it is refused as a whole from the moment that the new graph is served.',
};
const ADDED: Family = {
  verdict: 'safe',
  expected: 'Nothing: clients that do not ask for it notice nothing.',
  why: 'It is listed so that the change is seen.',
  mend: 'Nothing is to be done.',
};
const WORDS: Family = {
  ...ADDED,
  expected: 'Nothing: words alone have changed.',
  why: 'Clients do not depend on words.',
};
const OUTPUT_TYPE: Family = {
  verdict: 'breaking',
  expected:
    'A field gives what clients were told that it gives: the same type, or one that fits wherever the old one did (T for T!, never the other way).',
  why: 'Clients have generated code for the old type: a value of another type, or a null where there was none, fails there.',
  mend: 'Add a field of the new type under another name, mark the old one @deprecated, and remove it when nobody asks for it any more.',
};
const INPUT_TYPE: Family = {
  verdict: 'breaking',
  expected:
    'What clients send today is taken tomorrow: the same type, or one that takes more (T for T!, never the other way).',
  why: 'Operations that send the old type are refused, those whose variables are declared with it too.',
  mend: 'Add an argument or input field of the new type beside the old one, and mark the old one @deprecated.',
};
const INPUT_ADDED: Family = {
  verdict: 'safe',
  expected: 'What clients send today is taken tomorrow: what is new may be left out.',
  why: 'An operation that leaves out what has to be given is refused as a whole.',
  mend: 'Make it nullable, or give it a default.',
};
const DEFAULT: Family = {
  verdict: 'dangerous',
  expected: 'An operation that leaves a value out means what it meant.',
  why: 'Whoever leaves it out gets another behaviour without having changed anything.',
  mend: 'Keep the default, or tell the teams that leave it out.',
};
const POSSIBILITY: Family = {
  verdict: 'dangerous',
  expected: 'Clients know every value and every type that they can get.',
  why: 'A client that lists all of them, as an exhaustive switch does, meets one that it does not know.',
  mend: 'Tell the teams that list them; make it breaking with --enum-as-breaking or --union-as-breaking where your clients can not take it.',
};
const DEPRECATION: Family = {
  ...ADDED,
  expected: 'Nothing: what is deprecated is served as before.',
  why: 'It tells teams what goes away.',
};
const DIRECTIVE: Family = {
  verdict: 'breaking',
  expected: 'A directive that operations may carry stays as they carry it.',
  why: 'An operation with a directive, a place of it or an argument that is unknown is refused as a whole.',
  mend: 'Keep the old form beside the new one until no operation carries it any more.',
};
const USAGE: Family = {
  verdict: 'safe',
  expected: 'Nothing of clients: the directive stands in a subgraph and not in what they see.',
  why: 'A directive in a schema can change what a subgraph or a tool does with it.',
  mend: 'See that whatever reads the directive agrees.',
};
// Composition calls the roots Query, Mutation and Subscription, whatever a subgraph calls its own: clients see a root
// come or go, and never another name.
const ROOT: Family = {
  ...REMOVED,
  verdict: 'safe',
  expected: 'A root that clients ask stays; what a subgraph calls it is its own affair.',
  why: 'Without it every operation of its kind is refused; another name in a subgraph is not seen by clients.',
};

/** Gives the page of a change in a family, with its own title. */
function page(family: Family, title: string, verdict: Verdict = family.verdict): Code {
  return { step: 'change', title, ...family, verdict };
}

// Without FIELD: only operations have such fields, and the inspector compares none; it never gives
// DIRECTIVE_USAGE_FIELD_ADDED and _REMOVED, though it has names for them.
const PLACES = {
  UNION_MEMBER: 'a union member',
  ENUM: 'an enum',
  ENUM_VALUE: 'an enum value',
  INPUT_OBJECT: 'an input type',
  SCALAR: 'a scalar',
  OBJECT: 'an object type',
  INTERFACE: 'an interface',
  ARGUMENT_DEFINITION: 'an argument',
  SCHEMA: 'the schema',
  FIELD_DEFINITION: 'a field',
  INPUT_FIELD_DEFINITION: 'an input field',
};

const ON_PLACES: Codes = Object.fromEntries(
  Object.entries(PLACES).flatMap(([name, place]) => [
    [`DIRECTIVE_USAGE_${name}_ADDED`, page(USAGE, `A directive was put on ${place}`)],
    [`DIRECTIVE_USAGE_${name}_REMOVED`, page(USAGE, `A directive was taken off ${place}`)],
  ]),
);

/** Every change type that @graphql-inspector/core gives. */
export const API_CODES: Codes = {
  TYPE_REMOVED: page(REMOVED, 'A type was removed'),
  FIELD_REMOVED: page(REMOVED, 'A field was removed'),
  UNION_MEMBER_REMOVED: page(REMOVED, 'A type was taken out of a union'),
  OBJECT_TYPE_INTERFACE_REMOVED: page(REMOVED, 'A type no longer implements an interface'),
  ENUM_VALUE_REMOVED: page(REMOVED, 'An enum value was removed'),
  FIELD_ARGUMENT_REMOVED: page(INPUT_REMOVED, 'An argument was removed'),
  INPUT_FIELD_REMOVED: page(INPUT_REMOVED, 'An input field was removed'),
  TYPE_ADDED: page(ADDED, 'A type was added'),
  FIELD_ADDED: page(ADDED, 'A field was added'),
  FIELD_ARGUMENT_ADDED: page(INPUT_ADDED, 'An argument was added'),
  INPUT_FIELD_ADDED: page(INPUT_ADDED, 'An input field was added'),
  UNION_MEMBER_ADDED: page(POSSIBILITY, 'A type was added to a union'),
  ENUM_VALUE_ADDED: page(POSSIBILITY, 'An enum value was added'),
  OBJECT_TYPE_INTERFACE_ADDED: page(POSSIBILITY, 'A type implements one more interface'),
  FIELD_TYPE_CHANGED: page(OUTPUT_TYPE, 'A field gives another type'),
  TYPE_KIND_CHANGED: page(OUTPUT_TYPE, 'A type became one of another kind'),
  FIELD_ARGUMENT_TYPE_CHANGED: page(INPUT_TYPE, 'An argument takes another type'),
  INPUT_FIELD_TYPE_CHANGED: page(INPUT_TYPE, 'An input field takes another type'),
  FIELD_ARGUMENT_DEFAULT_CHANGED: page(DEFAULT, 'The default of an argument changed'),
  INPUT_FIELD_DEFAULT_VALUE_CHANGED: page(DEFAULT, 'The default of an input field changed'),
  SCHEMA_QUERY_TYPE_CHANGED: page(ROOT, 'The query root came, went or has another name in a subgraph'),
  SCHEMA_MUTATION_TYPE_CHANGED: page(ROOT, 'The mutation root came, went or has another name in a subgraph'),
  SCHEMA_SUBSCRIPTION_TYPE_CHANGED: page(ROOT, 'The subscription root came, went or has another name in a subgraph'),
  FIELD_DEPRECATION_ADDED: page(DEPRECATION, 'A field was deprecated'),
  FIELD_DEPRECATION_REMOVED: page(DEPRECATION, 'A field is no longer deprecated'),
  FIELD_DEPRECATION_REASON_CHANGED: page(DEPRECATION, 'The reason of a deprecation changed'),
  FIELD_DEPRECATION_REASON_ADDED: page(DEPRECATION, 'A deprecation got a reason'),
  FIELD_DEPRECATION_REASON_REMOVED: page(DEPRECATION, 'A deprecation lost its reason'),
  ENUM_VALUE_DEPRECATION_REASON_CHANGED: page(DEPRECATION, 'The reason of a deprecated enum value changed'),
  ENUM_VALUE_DEPRECATION_REASON_ADDED: page(DEPRECATION, 'An enum value was deprecated'),
  ENUM_VALUE_DEPRECATION_REASON_REMOVED: page(DEPRECATION, 'An enum value is no longer deprecated'),
  TYPE_DESCRIPTION_CHANGED: page(WORDS, 'The description of a type changed'),
  TYPE_DESCRIPTION_REMOVED: page(WORDS, 'A type lost its description'),
  TYPE_DESCRIPTION_ADDED: page(WORDS, 'A type got a description'),
  FIELD_DESCRIPTION_CHANGED: page(WORDS, 'The description of a field changed'),
  FIELD_DESCRIPTION_ADDED: page(WORDS, 'A field got a description'),
  FIELD_DESCRIPTION_REMOVED: page(WORDS, 'A field lost its description'),
  FIELD_ARGUMENT_DESCRIPTION_CHANGED: page(WORDS, 'The description of an argument changed'),
  INPUT_FIELD_DESCRIPTION_ADDED: page(WORDS, 'An input field got a description'),
  INPUT_FIELD_DESCRIPTION_REMOVED: page(WORDS, 'An input field lost its description'),
  INPUT_FIELD_DESCRIPTION_CHANGED: page(WORDS, 'The description of an input field changed'),
  ENUM_VALUE_DESCRIPTION_CHANGED: page(WORDS, 'The description of an enum value changed'),
  DIRECTIVE_DESCRIPTION_CHANGED: page(WORDS, 'The description of a directive changed'),
  DIRECTIVE_ARGUMENT_DESCRIPTION_CHANGED: page(WORDS, 'The description of a directive’s argument changed'),
  DIRECTIVE_ADDED: page(ADDED, 'A directive was added'),
  DIRECTIVE_LOCATION_ADDED: page(ADDED, 'A directive may stand in one more place'),
  DIRECTIVE_REPEATABLE_ADDED: page(ADDED, 'A directive may be repeated'),
  DIRECTIVE_REMOVED: page(DIRECTIVE, 'A directive was removed'),
  DIRECTIVE_LOCATION_REMOVED: page(DIRECTIVE, 'A directive may no longer stand in a place'),
  DIRECTIVE_REPEATABLE_REMOVED: page(DIRECTIVE, 'A directive may no longer be repeated'),
  DIRECTIVE_ARGUMENT_ADDED: page(DIRECTIVE, 'A directive takes one more argument', 'safe'),
  DIRECTIVE_ARGUMENT_REMOVED: page(DIRECTIVE, 'An argument of a directive was removed'),
  DIRECTIVE_ARGUMENT_TYPE_CHANGED: page(DIRECTIVE, 'An argument of a directive takes another type'),
  DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED: page(DEFAULT, 'The default of a directive’s argument changed'),
  DIRECTIVE_USAGE_ARGUMENT_ADDED: page(USAGE, 'A directive in a schema got an argument'),
  DIRECTIVE_USAGE_ARGUMENT_REMOVED: page(USAGE, 'A directive in a schema lost an argument'),
  ...ON_PLACES,
};
