import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { validateXML } from 'xmllint-wasm';
import { exampleReport, makeReport } from '../../test/harness/exampleReport.ts';
import { hostileFinding } from '../../test/harness/hostileFindings.ts';
import type { CheckReport } from '../finding.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderSarif } from './sarif.ts';

const TOP = new URL('../../', import.meta.url);
const options = { isColoured: false, isVerbose: false, folder: 'graph' };
const hostile = fc.array(hostileFinding, { maxLength: 5 }).map(makeReport);

function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(path, TOP), 'utf8')) as Record<string, unknown>;
}

/** The published schema is of draft 4; nothing that it uses has another meaning in draft 7 but its name. */
function readSarifSchema(): Record<string, unknown> {
  const { $schema, id, ...schema } = readJson('node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
  expect([$schema, id]).toEqual([expect.stringContaining('draft-04'), expect.stringContaining('sarif-2.1.0')]);
  return schema;
}

async function faultsOfXml(xml: string): Promise<string[]> {
  const schema = readFileSync(new URL('test/schemas/junit-10.xsd', TOP), 'utf8');
  const { valid, errors } = await validateXML({
    xml: [{ fileName: 'report.xml', contents: xml }],
    schema: [{ fileName: 'junit-10.xsd', contents: schema }],
  });
  return valid ? [] : errors.map(({ message }) => message);
}

describe('the outputs against their public schemas', () => {
  const sarif = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(readSarifSchema());
  const json = new Ajv2020({ strict: true, allowUnionTypes: true, formats: { date: /^\d{4}-\d{2}-\d{2}$/ } }).compile(
    readJson('registry/outputs/report.schema.json'),
  );

  function faultsOfSarif(report: CheckReport): unknown {
    return sarif(JSON.parse(renderSarif(report, options))) ? [] : sarif.errors;
  }

  it('writes SARIF 2.1.0', () => {
    expect(faultsOfSarif(exampleReport)).toEqual([]);
    expect(faultsOfSarif(makeReport([]))).toEqual([]);
    fc.assert(
      fc.property(hostile, (report) => expect(faultsOfSarif(report)).toEqual([])),
      { numRuns: 50 },
    );
  });

  it('is held by a schema that refuses what is no SARIF', () => {
    const log = JSON.parse(renderSarif(exampleReport, options)) as { runs: { results: { level: string }[] }[] };
    for (const result of log.runs[0]?.results ?? []) result.level = 'fatal';
    expect(sarif(log)).toBe(false);
  });

  it('writes what the JSON schema of this project describes', () => {
    for (const report of [exampleReport, makeReport([])]) {
      expect(json(JSON.parse(renderJson(report))) ? [] : json.errors).toEqual([]);
    }
    fc.assert(
      fc.property(hostile, (report) => expect(json(JSON.parse(renderJson(report))) ? [] : json.errors).toEqual([])),
    );
    expect(json({ ...exampleReport, formatVersion: 2 })).toBe(false);
    expect(json({ ...exampleReport, more: true })).toBe(false);
  });

  it('writes JUnit that the XSD of Jenkins takes', async () => {
    expect(await faultsOfXml(renderJunit(exampleReport))).toEqual([]);
    expect(await faultsOfXml(renderJunit(makeReport([])))).toEqual([]);
    expect(await faultsOfXml(renderJunit(exampleReport).replace('<testcase name=', '<testcase title='))).not.toEqual(
      [],
    );
  });

  it('writes JUnit that the XSD takes whatever the findings say', async () => {
    // One run of the validator for many reports: it starts anew each time.
    const findings = fc.sample(hostileFinding, 200);
    expect(await faultsOfXml(renderJunit(makeReport(findings)))).toEqual([]);
  });
});
