import { makeProgressShower, progressLine, summaryLines } from './showProgress.ts';

const progress = { customersDone: 1_500, customersTotal: 2_000, documentCount: 24_000, ms: 2_000 };
const summary = {
  isComplete: true,
  customersDone: 500,
  showcaseCustomerId: 'cus_1',
  documents: { customers: 500, orders: 1_700 },
  documentCount: 2_200,
  ms: 1_000,
  documentsPerSecond: 2_200,
};

function capture(isTTY: boolean): { isTTY: boolean; texts: string[]; write: (text: string) => void } {
  const texts: string[] = [];
  return { isTTY, texts, write: (text) => void texts.push(text) };
}

describe('the progress of a seed', () => {
  it('tells the share, the counts and the speed', () => {
    expect(progressLine(progress)).toBe('seed: 75 %, 1,500 of 2,000 customers, 24,000 documents, 12,000 documents/s');
  });

  it('is a line every three seconds where nobody watches', () => {
    const output = capture(false);
    const { show, end } = makeProgressShower(output);
    for (const ms of [1_000, 2_999, 3_000, 4_000, 6_001]) show({ ...progress, ms });
    end();
    expect(output.texts).toHaveLength(2);
    expect(output.texts.every((text) => text.endsWith('documents/s\n'))).toBe(true);
  });

  it('renews one line on a terminal and takes it away at the end', () => {
    const output = capture(true);
    const { show, end } = makeProgressShower(output);
    show(progress);
    end();
    expect(output.texts).toEqual([`\r\u001b[2K${progressLine(progress)}`, '\r\u001b[2K']);
  });
});

describe('the summary of a seed', () => {
  it('lists the documents by collection and the speed', () => {
    expect(summaryLines(summary)).toContain('  orders          1,700\n');
    expect(summaryLines(summary)).toContain(
      '500 customers are there; 2,200 documents stored in 1.0 s, 2,200 documents/s',
    );
  });

  it('says that nothing was to do, or that it was stopped', () => {
    expect(summaryLines({ ...summary, documents: {}, documentCount: 0 })).toBe(
      'seed: nothing to do; 500 customers are there\n',
    );
    expect(summaryLines({ ...summary, isComplete: false })).toContain('the same command goes on from here');
  });
});
