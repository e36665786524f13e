import type { RunDocument, RunProgress } from '../../sync/commands/runSourceNow.ts';
import { printDuration, printEnd, printProgress } from './printSync.ts';
import { showProgress } from './showProgress.ts';

const PROGRESS: RunProgress = {
  ...{ source: 'contacts', rowsRead: 12_500, created: 12_000, updated: 0, unchanged: 400, rejected: 100 },
  ...{ bytesRead: 1_000_000, rowsPerSecond: 2_500, durationMs: 5_000, cursor: { offset: 1_500_000, size: 4_500_000 } },
};

const RUN: RunDocument = {
  ...{ _id: 'contacts@x', schedule: 'contacts', dueAt: null, startedAt: new Date(0), endedAt: new Date(5_000) },
  ...{ durationMs: 125_000, outcome: 'stopped', resumed: 0, rejectFile: '.crm/rejects/contacts.ndjson' },
  ...{ counts: { read: 12_500, written: 12_000, unchanged: 400, rejected: 100 }, errorCode: null, errorMessage: null },
  fence: 1,
};

describe('the progress of a run', () => {
  it('tells rows, rate, rejected rows, and the time that is left by what this run reads a second', () => {
    expect(printProgress(PROGRESS)).toBe('12,500 rows, 2,500/s, 100 rejected, 33 %, about 15.0 s left');
  });

  it('says nothing of the end where nobody knows it', () => {
    expect(printProgress({ ...PROGRESS, cursor: { updatedAt: '2026-01-01' } })).toBe(
      '12,500 rows, 2,500/s, 100 rejected',
    );
  });

  it('is one line that is written over on a terminal, and taken away at the end', () => {
    const written: string[] = [];
    const shown = showProgress({ isTTY: true, write: (text: string) => written.push(text) > 0 });
    shown.show(PROGRESS);
    shown.show(PROGRESS);
    shown.end();
    expect(written).toEqual([`\r\u001b[2K${printProgress(PROGRESS)}`, '\r\u001b[2K']);
  });

  it('is silent for a short run where a program reads', () => {
    const written: string[] = [];
    const shown = showProgress({ isTTY: false, write: (text: string) => written.push(text) > 0 });
    shown.show(PROGRESS);
    shown.end();
    expect(written).toEqual([]);
  });
});

describe('the end of a run', () => {
  it('tells the counts, where the rejected rows are, and how to go on', () => {
    expect(printEnd(RUN).split('\n')).toEqual([
      'contacts: stopped, 12,500 rows in 2 min 5 s: 12,000 written, 400 unchanged, 100 rejected',
      '  rejected rows, each with its reason: .crm/rejects/contacts.ndjson',
      '  what is written stays; to go on from there: crm-graph sync run contacts',
      '',
    ]);
  });

  it.each([
    [4_240, '4.2 s'],
    [185_000, '3 min 5 s'],
    [7_800_000, '2 h 10 min'],
  ])('writes %i ms as %s', (ms, text) => {
    expect(printDuration(ms)).toBe(text);
  });
});
