import { readFileSync } from 'node:fs';
import { StartError } from '../../platform/lifecycle.ts';
import { checkSyncConfig, readSyncConfig } from './readSyncConfig.ts';

const EXAMPLE = 'examples/sync/sync.yaml';

function faultsOf(text: string): readonly string[] {
  const checked = checkSyncConfig(text, 'sync.yaml');
  return 'faults' in checked ? checked.faults : [];
}

function source(lines: string): string {
  return `version: 1\nsources:\n  shop:\n${lines.replace(/^/gm, '    ')}`;
}

const GOOD = `connector: csv
options: { path: a.csv }
target: customers
externalId: id
`;

describe('a sync configuration', () => {
  it('that stands in the examples is without fault', () => {
    expect([...readSyncConfig(EXAMPLE).sources.keys()]).toEqual(['shop-customers', 'shop-products']);
    expect(readFileSync(EXAMPLE, 'utf8')).not.toMatch(/password|token/i);
  });

  it.each([
    [
      'a misspelt key',
      `${GOOD}fields: { displayName: name }\nlimit: {}`,
      '9:5: "limit" is no key: did you mean "limits"?',
    ],
    [
      'a misspelt option',
      `${GOOD.replace('path', 'pth')}fields: { displayName: name }`,
      '5:16: "pth" is no key: did you mean "path"?',
    ],
    [
      'an unknown kind',
      GOOD.replace('csv', 'cvs') + 'fields: { displayName: name }',
      '4:5: "cvs" is no kind of source: did you mean "csv"?',
    ],
    [
      'an unknown target',
      GOOD.replace('customers', 'costumers') + 'fields: {}',
      '6:5: "costumers" is no target: did you mean "customers"?',
    ],
    [
      'an unknown field',
      `${GOOD}fields:\n  displayName: name\n  emial: mail`,
      '10:7: "emial" is no field of CustomerInput: did you mean "email"?',
    ],
    [
      'a missing required field',
      `${GOOD}fields:\n  email: mail`,
      '8:5: the required field displayName of CustomerInput is missing: name the column it comes from',
    ],
    [
      'a value of the wrong type',
      `${GOOD}fields:\n  displayName: name\n  version: v`,
      '10:7: expected a number (Int), got a text: add the transform number or minorUnits',
    ],
    [
      'a constant that is none of an enum',
      `connector: csv\noptions: { path: a }\ntarget: campaigns\nexternalId: id\nfields:\n  name: n\n  channel: { constant: MAIL }`,
      '10:18: expects one of EMAIL, SMS, PUSH, WEB: use the transform map',
    ],
    [
      'an unknown transform',
      `${GOOD}fields:\n  displayName: { column: n, transforms: [trimm] }`,
      '9:46: "trimm" is no transform: did you mean "trim"?',
    ],
    [
      'a format that is none',
      `connector: csv\noptions: { path: a }\ntarget: customers\nexternalId: { column: id, transforms: [{ date: { format: never } }] }\nfields: { displayName: n }`,
      '7:46: "never" is no format of a date',
    ],
    [
      'a missing key',
      `${GOOD.replace('externalId: id\n', '')}fields: { displayName: n }`,
      '3:3: externalId is missing: name the column that has the key (externalId)',
    ],
    [
      'a secret by its value',
      `connector: mariadb\noptions: { host: h, database: d, user: u, password: hunter2, table: t, key: k }\ntarget: customers\nexternalId: id\nfields: { displayName: n }`,
      'secrets never stand in this file',
    ],
    [
      'a way of telling changes that is none',
      `connector: mariadb\noptions: { host: h, database: d, user: u, table: t, key: k, incremental: { by: binlg } }\ntarget: customers\nexternalId: id\nfields: { displayName: n }`,
      '5:80: by: Invalid input: expected "binlog"',
    ],
    [
      'a column of changes beside the binlog',
      `connector: mariadb\noptions: { host: h, database: d, user: u, table: t, key: k, updated: at, incremental: { by: binlog } }\ntarget: customers\nexternalId: id\nfields: { displayName: n }`,
      '5:65: updated: stands beside incremental',
    ],
    [
      'a binlog where there is none',
      `connector: postgres\noptions: { host: h, database: d, user: u, table: t, key: k, incremental: { by: binlog } }\ntarget: customers\nexternalId: id\nfields: { displayName: n }`,
      '5:65: "incremental" is no key',
    ],
    [
      'a time zone that is none',
      `${GOOD}fields: { displayName: n }\nschedule: { cron: 0 3 * * *, timeZone: Berlin }`,
      '"Berlin" is no time zone',
    ],
    ['a cron text that is none', `${GOOD}fields: { displayName: n }\nschedule: { cron: 99 3 * * * }`, '9:17: '],
    [
      'an object mapped to a column',
      `${GOOD}fields: { displayName: n, defaultAddress: a }`,
      'expected { fields: … }: this field is an object (AddressInput)',
    ],
  ])('is refused with line, column and what was expected: %s', (_, lines, expected) => {
    expect(faultsOf(source(lines)).join('\n')).toContain(expected);
  });

  it('tells all its faults at once, in the order of the file', () => {
    const faults = faultsOf(
      source('connector: cvs\ntarget: orders\nexternalId: id\nfields:\n  lins: x\nschedule: { cron: x }'),
    );
    const lines = faults.map((fault) => Number(fault.split(':')[1]));
    expect(faults.length).toBeGreaterThanOrEqual(6);
    expect(lines).toEqual(lines.toSorted((left, right) => left - right));
  });

  it('that is no YAML, or cannot be read, is refused with the place', () => {
    expect(faultsOf('version: [1')[0]).toMatch(/^sync\.yaml:1:\d+: /);
    expect(() => readSyncConfig('nowhere/sync.yaml')).toThrow(StartError);
  });
});
