import { answerChecker } from './checkAnswer.ts';

const reference = '{"a":1,"b":["é"]}';
const findFault = (body: string): string | undefined => answerChecker(Buffer.from(reference))(Buffer.from(body));

describe('answerChecker', () => {
  it('takes the reference as data, with white space and extensions around it', () => {
    expect(findFault(`{"data":${reference}}`)).toBeUndefined();
    expect(findFault(`{"data":${reference}}\n`)).toBeUndefined();
    expect(findFault(`{"data":${reference},"extensions":{}}`)).toBeUndefined();
    expect(findFault(`{"extensions":{},"data": ${reference}}`)).toBeUndefined();
  });

  it('finds another value, another order of keys, a missing end and something behind it', () => {
    expect(findFault('{"data":{"a":2,"b":["é"]}}')).toMatch(/wrong data at byte 5/);
    expect(findFault('{"data":{"b":["é"],"a":1}}')).toMatch(/wrong data/);
    expect(findFault(`{"data":${reference}`)).toMatch(/no JSON/);
    expect(findFault(`{"data":${reference}}}`)).toMatch(/no JSON/);
    expect(findFault('')).toMatch(/no JSON/);
  });

  it('finds errors beside right data', () => {
    expect(findFault(`{"data":${reference},"errors":[{"message":"no"}]}`)).toMatch(/with errors/);
    expect(findFault(`{"errors":[],"data":${reference}}`)).toMatch(/with errors/);
  });
});
