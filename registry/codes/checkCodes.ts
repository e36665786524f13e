// What a check finds beside changes: files that can not be read, schemas that do not compose, lint, operations that are
// no longer valid, approvals that do not hold.
import type { Code, Codes } from './code.ts';
import type { FindingStep, Verdict } from '../finding.ts';

function page(
  step: FindingStep,
  verdict: Verdict,
  title: string,
  texts: Pick<Code, 'expected' | 'why' | 'mend'>,
): Code {
  return { step, verdict, title, ...texts };
}

const COMPOSES = {
  expected: 'The schemas of all subgraphs compose to one supergraph, for both composers.',
  why: 'Without a supergraph the change can not be served at all; what one composer alone takes may mean two things.',
  mend: 'Change the subgraph that the message names; the code is explained in the federation documentation.',
};
const STYLE = {
  why: 'Clients read the schema before they read any documentation, and every team has to find its way in it.',
};

/** The page of every code that a composer gives. */
export const COMPOSITION: Code = page('compose', 'error', 'The schemas do not compose', COMPOSES);

/** Everything but changes. */
export const CHECK_CODES: Codes = {
  SCHEMA_MISSING: page('load', 'error', 'A schema file is not there', {
    expected: 'Every file that supergraph.yaml names is there.',
    why: 'A graph without one of its subgraphs is another graph.',
    mend: 'Add the file, or take the subgraph out of supergraph.yaml.',
  }),
  SCHEMA_UNREADABLE: page('load', 'error', 'A schema file is no GraphQL', {
    expected: 'Every schema file is a document in the schema language of GraphQL, of at most 1 MB and 2,000 types.',
    why: 'What can not be read can not be checked.',
    mend: 'Mend it where the message points.',
  }),
  BASE_ABSENT: page('load', 'safe', 'There is nothing to compare with', {
    expected: 'Nothing, where a graph is checked for the first time.',
    why: 'Whether it composes is checked, and how it is written; nothing can break that was not there.',
    mend: 'If there was a graph, name where: --base, --base-dir or --published.',
  }),
  BASE_INVALID: page('load', 'warning', 'What is compared with does not compose', {
    expected: 'The state before the change composes.',
    why: 'Without it nothing can be said of what the change does to clients.',
    mend: 'Publish this state once it passes: the next check compares with it.',
  }),
  COMPOSERS_DISAGREE: page('compose', 'error', 'One composer takes the schemas, the other one does not', COMPOSES),
  COMPOSERS_DIFFER: page('compose', 'error', 'The two composers make different graphs', COMPOSES),
  COMPOSER_CRASHED: page('compose', 'error', 'A composer failed', {
    ...COMPOSES,
    mend: 'Undo the part of the change that brings it; the message says what the composer said.',
  }),
  LOOSENING_HINT: page('compose', 'error', 'A directive loses to another one', {
    expected: 'The same directive says the same in every subgraph, where it can stand once alone.',
    why: 'Composition keeps one of the two and only hints: a rule that another team loosens would be lost silently.',
    mend: 'Make the arguments equal in all subgraphs.',
  }),
  COMPOSITION_HINT: page('compose', 'warning', 'The composer hints at something', {
    expected: 'Subgraphs agree in what they share.',
    why: 'It composes, and is seldom meant so.',
    mend: 'Change the subgraph that the message names.',
  }),
  CONTRACT_INVALID: page('contract', 'error', 'A contract can not be served', {
    expected: 'Every contract of contracts.yaml shows a valid schema with something to query.',
    why: 'The gateway does not take a supergraph for which one of its contracts is empty or invalid.',
    mend: 'Change the tags in the schemas, or the contract’s filter.',
  }),
  CONTRACTS_UNREADABLE: page('contract', 'error', 'contracts.yaml is not as it should be', {
    expected: 'contracts.yaml is as docs/contracts.md says.',
    why: 'The gateway does not start with it.',
    mend: 'Mend it where the message points.',
  }),
  OPERATION_BROKEN: page('operation', 'breaking', 'A registered operation is no longer valid', {
    expected: 'Every operation that an app has registered is valid on the new graph.',
    why: 'The app is in use, and each of its requests with this operation is refused.',
    mend: 'Keep what the operation asks for, or release and register the app’s new operations first.',
  }),
  OPERATION_INVALID: page('operation', 'warning', 'A registered operation was not valid before', {
    expected: 'Registered operations are valid.',
    why: 'It is refused already, so nobody can be using it.',
    mend: 'Take it out of the manifest.',
  }),
  APPROVAL_EXPIRED: page('approval', 'warning', 'An approval has expired', {
    expected: 'An approval holds on the day of the check.',
    why: 'What was all right for a time may not be any more.',
    mend: 'Approve it again, or take the entry out.',
  }),
  APPROVAL_UNUSED: page('approval', 'warning', 'An approval fits nothing', {
    expected: 'Every approval belongs to a change of this check.',
    why: 'The change has been merged, or is another one by now.',
    mend: 'Take the entry out.',
  }),
  APPROVAL_UNKNOWN: page('approval', 'error', 'An approval is not as it should be', {
    expected: 'Entries of schema-approvals.yaml are as docs/schema-approvals.md says.',
    why: 'What can not be read approves nothing.',
    mend: 'Mend it where the message points.',
  }),
  APPROVAL_NEEDS_TWO: page('approval', 'error', 'An unsafe change needs two reviewers', {
    expected: 'Two different people approve what lets callers see more.',
    why: 'One person’s slip must not open personal data.',
    mend: 'Add the name of a second reviewer to the entry.',
  }),
  NAMING: page('lint', 'error', 'A name is not written as names are', {
    expected: 'Types in PascalCase, fields, arguments and input fields in camelCase, enum values in UPPER_CASE.',
    ...STYLE,
    mend: 'Rename it before anybody uses it.',
  }),
  DESCRIPTION_MISSING: page('lint', 'warning', 'A type has no description', {
    expected: 'Every type says in a sentence what it is.',
    ...STYLE,
    mend: 'Write one above it, in quotes.',
  }),
  DEPRECATION_REASON_MISSING: page('lint', 'error', 'A deprecation gives no reason', {
    expected: '@deprecated says what to use instead.',
    why: 'Clients can not leave what they do not know how to replace.',
    mend: 'Write @deprecated(reason: "Use …").',
  }),
  TYPENAME_PREFIX: page('lint', 'warning', 'A field repeats the name of its type', {
    expected: 'A field is named without its type: Customer.name, not Customer.customerName.',
    ...STYLE,
    mend: 'Rename it before anybody uses it.',
  }),
  COMMENT_AS_DESCRIPTION: page('lint', 'warning', 'A comment stands where a description belongs', {
    expected: 'What is meant for clients is a description, in quotes.',
    why: 'Comments are not part of the schema: clients never see them.',
    mend: 'Write it in quotes.',
  }),
  ENUM_VALUE_TWICE: page('lint', 'error', 'Two enum values differ in case alone', {
    expected: 'The values of an enum differ in more than case.',
    why: 'Generated code has one name for both.',
    mend: 'Rename one of them.',
  }),
  REMOVED_UNDEPRECATED: page('lint', 'warning', 'Something was removed without having been deprecated', {
    expected: 'What goes away is @deprecated for a time first.',
    why: 'Deprecation is how clients learn of it in time.',
    mend: 'Put it back with @deprecated, and remove it in a later change.',
  }),
  UNBOUNDED_LIST: page('lint', 'warning', 'A list has no bound', {
    expected: 'A list of entities is a connection with a page size, or says with @listSize how long it gets.',
    why: 'Nobody can say what an operation costs that asks for it, and one customer with many orders makes it slow for all.',
    mend: 'Make it a connection, or put @listSize on it.',
  }),
  PROTECTED_INPUT: page('lint', 'error', 'Something protected can be searched by', {
    expected: 'An argument or input field that is named as a protected field is as protected as that field.',
    why: 'Who may not read e-mail addresses could find out whose one belongs to.',
    mend: 'Put the same @requiresScopes on the field that takes it.',
  }),
  NEED_MISSING: page('lint', 'error', 'Something personal takes no scope to be seen', {
    expected: 'What is tagged pii takes a scope.',
    why: 'The tag hides it from contracts alone; every caller without a contract sees it.',
    mend: 'Put @requiresScopes on it.',
  }),
  UNUSED_FIELD: page('lint', 'warning', 'Nobody asks for a deprecated field any more', {
    expected: 'What is deprecated and not used is removed.',
    why: 'It costs its owners work and clients attention.',
    mend: 'Remove it: the recorded usage says that it breaks nobody.',
  }),
};
