// Changes that clients do not see in the schema and yet feel: who may see what, who owns what, by which keys subgraphs
// are joined, what it costs. One rule of `rules/` finds each.
import type { Code, Codes } from './code.ts';
import type { Verdict } from '../finding.ts';

function page(verdict: Verdict, title: string, texts: Pick<Code, 'expected' | 'why' | 'mend'>): Code {
  return { step: 'change', verdict, title, ...texts };
}

const UNSAFE_MEND =
  'Put it back. If more callers are meant to see it, two reviewers approve it by name in schema-approvals.yaml; usage never excuses it.';
const NOTHING = {
  expected: 'Nothing: clients notice nothing.',
  why: 'It is listed so that the change is seen.',
  mend: 'Nothing is to be done.',
};
const PLANNED = {
  expected: 'Operations are answered with as few fetches as before.',
  why: 'The planner joins subgraphs by it: operations can take other fetches, and more of them.',
  mend: 'Look at the plans of your most used operations with `crm-graph explain` before it is published.',
};

/** Changes at the level of federation. */
export const GRAPH_CODES: Codes = {
  NEEDS_LOOSENED: page('unsafe', 'A field takes less to be seen', {
    expected: 'Who could not see a field before does not see it after a change that nobody reviewed.',
    why: 'Callers without the scope see it at once, whatever interface, requirement or renamed import hides that from the diff.',
    mend: UNSAFE_MEND,
  }),
  NEEDS_TIGHTENED: page('breaking', 'A field takes more to be seen', {
    expected: 'A caller that could see a field goes on seeing it.',
    why: 'Keys and people without the new scope are refused, or get null, from the moment that the new graph is served.',
    mend: 'Grant the scope to the keys that need it first (`crm-graph keys list`), then publish.',
  }),
  NEEDS_CHANGED: page('unsafe', 'A field takes something else to be seen', {
    expected: 'Who could not see a field before does not see it after a change that nobody reviewed.',
    why: 'Callers with the new scope and without the old one see it now, and the others do not any more.',
    mend: UNSAFE_MEND,
  }),
  INACCESSIBLE_REMOVED: page('unsafe', 'Something hidden is shown', {
    expected: 'What is @inaccessible stays so until somebody decides otherwise.',
    why: 'Every caller of the whole graph sees it at once.',
    mend: UNSAFE_MEND,
  }),
  TAG_REMOVED: page('safe', 'A tag was taken off', {
    expected: 'Nothing that a contract hides by a tag loses that tag unnoticed.',
    why: 'Contracts are filters of tags: what loses the tag that hid it is shown to every key of the contract.',
    mend: UNSAFE_MEND,
  }),
  TAG_ADDED: page('safe', 'A tag was put on', NOTHING),
  CONTRACT_SHOWS_MORE: page('unsafe', 'A contract shows what it hid', {
    expected: 'A contract shows new things only where they are new, or where somebody decided it.',
    why: 'Every key that is bound to the contract sees it at once.',
    mend: UNSAFE_MEND,
  }),
  CONTRACT_ADDED: page('safe', 'A contract was added', NOTHING),
  CONTRACT_REMOVED: page('breaking', 'A contract was removed', {
    expected: 'A contract stays as long as keys are bound to it.',
    why: 'Requests with a key of a contract that there is not are refused.',
    mend: 'Bind the keys to another contract first (`crm-graph keys list --json`), then remove it.',
  }),
  SUBGRAPH_ADDED: page('safe', 'A subgraph was added', {
    ...NOTHING,
    mend: 'See that it runs at its address before the new graph is published.',
  }),
  SUBGRAPH_REMOVED: page('dangerous', 'A subgraph was removed', {
    expected: 'What a subgraph offered is gone or offered by another one.',
    why: 'Fetches in flight still go to it until the old graph is let go of.',
    mend: 'Stop the subgraph only after the new graph is served everywhere.',
  }),
  SUBGRAPH_ADDRESS_CHANGED: page('unsafe', 'A subgraph is reached at another address', {
    expected: 'An address changes only when somebody moves a subgraph.',
    why: 'Whoever answers there gets every request with its variables and the gateway’s proof.',
    mend: 'Two reviewers approve the new address by name in schema-approvals.yaml.',
  }),
  KEY_ADDED: page('dangerous', 'An entity got a key', PLANNED),
  KEY_REMOVED: page('dangerous', 'An entity lost a key', PLANNED),
  KEY_OPENED: page('unsafe', 'A key became resolvable', {
    expected: 'A subgraph answers for an entity by a key only where it was meant to.',
    why: 'The gateway can now enter the subgraph by that key, and so can every operation.',
    mend: UNSAFE_MEND,
  }),
  KEY_CLOSED: page('dangerous', 'A key is no longer resolvable', PLANNED),
  FIELD_MOVED: page('dangerous', 'A field is answered by another subgraph', {
    expected: 'The new owner answers as the old one did.',
    why: 'Clients see no difference in the schema, and get what another team’s code and data give.',
    mend: 'Compare the answers of both before it is published, or move it step by step with @override(label:).',
  }),
  OVERRIDE_ADDED: page('dangerous', 'A field is taken over from another subgraph', {
    expected: 'The subgraph that takes a field over asks for the same needs and answers as the other one did.',
    why: 'From the publish on the other subgraph is not asked for it any more.',
    mend: 'Move it step by step with @override(label: "percent(…)"), and compare the answers.',
  }),
  OVERRIDE_REMOVED: page('dangerous', 'A field is no longer taken over', {
    expected: 'One subgraph is left that answers for the field.',
    why: 'The field goes back to where it was.',
    mend: 'Remove it in the old subgraph in the same change, if the move is done.',
  }),
  OVERRIDE_LABEL_CHANGED: page('dangerous', 'Another part of the requests goes to the new owner', {
    expected: 'The share of requests that the new owner gets grows step by step.',
    why: 'The label decides which subgraph answers.',
    mend: 'See that the new owner can take the load.',
  }),
  REQUIRES_CHANGED: page('dangerous', 'A field is computed from something else', PLANNED),
  PROVIDES_CHANGED: page('dangerous', 'A field brings other fields along', PLANNED),
  SHAREABLE_CHANGED: page('safe', 'A field is answered by more or fewer subgraphs', PLANNED),
  INTERFACE_OBJECT_CHANGED: page('dangerous', 'An interface is an entity in a subgraph, or no longer', PLANNED),
  COST_RAISED: page('dangerous', 'Something costs more', {
    expected: 'Operations that a key may run today cost no more tomorrow.',
    why: 'Keys have a budget of points: operations near the limit are refused, and budgets last shorter.',
    mend: 'Look at the costs of your partners’ operations, and raise their limits first.',
  }),
  COST_LOWERED: page('safe', 'Something costs less', NOTHING),
  LIST_SIZE_CHANGED: page('dangerous', 'A list is taken to be of another length', {
    expected: 'Operations that a key may run today cost no more tomorrow.',
    why: 'The length that is assumed of a list multiplies the cost of all that is under it.',
    mend: 'Look at the costs of your partners’ operations, and raise their limits first.',
  }),
};
