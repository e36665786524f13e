// A report of a check with every verdict, usage, approvals and places: what the tests of each output render.
import type { CheckReport, Finding, Message, Verdict } from '../../registry/finding.ts';
import { fingerprintOf } from '../../registry/fingerprint.ts';

function message(code: string, parts: Partial<Message>): Message {
  return {
    what: 'Something was found.',
    expected: 'Clients that are in use keep what they ask for.',
    why: 'Who asks for it gets an error in place of an answer.',
    mend: 'Deprecate it first, and remove it when nobody asks for it.',
    read: `docs/checks.md#${code.toLowerCase()}`,
    ...parts,
  };
}

/** Takes what differs from a plain breaking change; gives a finding. */
export function makeFinding(parts: Partial<Finding>): Finding {
  const finding = {
    step: 'change' as const,
    code: 'FIELD_REMOVED',
    verdict: 'breaking' as const,
    coordinate: 'Customer.phone',
    subgraph: 'customers',
    views: ['graph'],
    before: 'String',
    after: undefined,
    place: { file: 'subgraphs/customers/schema.graphql', line: 42 },
    fails: true,
    ...parts,
  };
  return { message: message(finding.code, {}), fingerprint: fingerprintOf(finding), ...finding };
}

/** Takes findings; gives a report of them. */
export function makeReport(findings: readonly Finding[]): CheckReport {
  const count = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict).length;
  return {
    formatVersion: 1,
    passed: !findings.some(({ fails }) => fails),
    compared: { base: 'main (4f2a9c1)', head: 'the working tree' },
    subgraphs: ['customers', 'orders', 'marketing'],
    contracts: ['partner'],
    findings,
    counts: {
      safe: count('safe'),
      dangerous: count('dangerous'),
      breaking: count('breaking'),
      unsafe: count('unsafe'),
      warning: count('warning'),
      error: count('error'),
    },
    durationMs: 1234,
  };
}

/** Every verdict; breaking changes that fail, that usage excuses and that are approved. */
export const exampleFindings: readonly Finding[] = [
  makeFinding({
    step: 'compose',
    code: 'COMPOSE_INVALID_FIELD_SHARING',
    verdict: 'error',
    coordinate: 'Order.total',
    subgraph: undefined,
    views: [],
    before: undefined,
    place: { file: 'subgraphs/orders/schema.graphql', line: 7 },
    message: message('COMPOSE_INVALID_FIELD_SHARING', {
      what: 'Order.total is resolved by orders and marketing, and is not @shareable in both.',
      mend: 'Mark it @shareable in both, or keep it in one.',
    }),
  }),
  makeFinding({
    code: 'NEED_LOOSENED',
    verdict: 'unsafe',
    coordinate: 'Customer.email',
    before: '[["customer:read", "pii:read"]]',
    after: '[["customer:read"]]',
    message: message('NEED_LOOSENED', {
      what: 'Customer.email needed customer:read and pii:read; now customer:read is enough.',
      expected: 'A need stays, or becomes stricter.',
      why: 'Keys that were refused it see it from now on.',
      mend: 'Put the scope back, or have the change approved by two people.',
    }),
  }),
  makeFinding({
    views: ['graph', 'partner'],
    message: message('FIELD_REMOVED', { what: 'Customer.phone was removed.' }),
    usage: {
      isExcused: false,
      because: '1,204 requests in the last 30 days asked for it.',
      share: 0.0312,
      affected: [
        {
          kind: 'key',
          name: 'shop-7',
          version: undefined,
          count: 1200,
          lastSeen: '2026-11-20T08:00:00.000Z',
          operations: [
            { hash: 'a1'.repeat(32), name: 'CustomerCard', count: 1100 },
            { hash: 'b2'.repeat(32), name: undefined, count: 100 },
          ],
        },
        {
          kind: 'client',
          name: 'mobile',
          version: '4.2.0',
          count: 4,
          lastSeen: '2026-11-02T10:15:00.000Z',
          operations: [{ hash: 'c3'.repeat(32), name: 'Support', count: 4 }],
        },
      ],
    },
  }),
  makeFinding({
    coordinate: 'Customer.fax',
    fails: false,
    message: message('FIELD_REMOVED', { what: 'Customer.fax was removed.' }),
    usage: {
      isExcused: true,
      because: 'no request in the last 30 days asked for it, and the log covers them.',
      share: 0,
      affected: [],
    },
  }),
  makeFinding({
    code: 'ARGUMENT_REMOVED',
    coordinate: 'Query.orders(sort:)',
    subgraph: 'orders',
    place: { file: 'subgraphs/orders/schema.graphql', line: 3 },
    before: 'Sort',
    fails: false,
    message: message('ARGUMENT_REMOVED', { what: 'Query.orders(sort:) was removed.' }),
    approval: { approvers: ['ana', 'ben'], reason: 'no client sends it since #314', until: '2027-01-31' },
  }),
  makeFinding({
    code: 'ENUM_VALUE_ADDED',
    verdict: 'dangerous',
    coordinate: 'OrderState.RETURNED',
    subgraph: 'orders',
    before: undefined,
    after: 'RETURNED',
    fails: false,
    place: { file: 'subgraphs/orders/schema.graphql', line: 55 },
    message: message('ENUM_VALUE_ADDED', { what: 'OrderState has the new value RETURNED.' }),
  }),
  makeFinding({
    step: 'lint',
    code: 'LINT_MISSING_DESCRIPTION',
    verdict: 'warning',
    coordinate: 'Campaign',
    subgraph: 'marketing',
    views: [],
    before: undefined,
    fails: false,
    place: undefined,
    message: message('LINT_MISSING_DESCRIPTION', { what: 'Campaign has no description.' }),
  }),
  ...['nickname', 'locale'].map((field) =>
    makeFinding({
      code: 'FIELD_ADDED',
      verdict: 'safe',
      coordinate: `Customer.${field}`,
      before: undefined,
      after: 'String',
      fails: false,
      message: message('FIELD_ADDED', { what: `Customer.${field} is new.` }),
    }),
  ),
];

/** The report of them. */
export const exampleReport = makeReport(exampleFindings);
