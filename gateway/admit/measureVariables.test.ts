import { checkVariables } from './measureVariables.ts';

function nested(levels: number): Record<string, unknown> {
  let value: Record<string, unknown> = {};
  for (let level = 0; level < levels; level++) value = { a: value };
  return value;
}

describe('checkVariables', () => {
  it('takes ten levels and refuses eleven', () => {
    expect(checkVariables(nested(10))).toBeUndefined();
    expect(checkVariables(nested(11))).toMatchObject({ refused: 'VARIABLES_TOO_LARGE' });
  });

  it('refuses a million levels without breaking the stack', () => {
    expect(checkVariables(nested(1_000_000))).toMatchObject({ refused: 'VARIABLES_TOO_LARGE' });
  });

  it('takes a list of 1,000 and refuses one of 1,001', () => {
    const list = (length: number): object => ({ a: Array.from({ length }, () => 1) });
    expect(checkVariables({ ...list(1_000) })).toBeUndefined();
    expect(checkVariables({ ...list(1_001) })).toMatchObject({ refused: 'VARIABLES_TOO_LARGE' });
  });

  it('refuses a number that is larger than any there is', () => {
    expect(checkVariables(JSON.parse('{"a":[1e400]}') as Record<string, unknown>)).toMatchObject({
      refused: 'BAD_USER_INPUT',
    });
  });

  it('counts bytes as they are on the wire', () => {
    expect(checkVariables({ a: 'x'.repeat(65_500) })).toBeUndefined();
    expect(checkVariables({ a: 'x'.repeat(65_536) })).toMatchObject({ refused: 'VARIABLES_TOO_LARGE' });
    expect(checkVariables({ a: 'ü'.repeat(40_000) })).toMatchObject({ refused: 'VARIABLES_TOO_LARGE' });
  });

  it('refuses half of a character anywhere, and takes whole ones', () => {
    expect(checkVariables({ a: [{ b: 'x\ud800' }] })).toMatchObject({ refused: 'BAD_USER_INPUT' });
    expect(checkVariables({ a: '\udc00\ud800' })).toMatchObject({ refused: 'BAD_USER_INPUT' });
    expect(checkVariables({ a: '\ud83d\ude00' })).toBeUndefined();
  });
});
