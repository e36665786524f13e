import { ERROR_CODES } from '../../contracts/errorCodes.ts';
import { maskSubgraphError } from './maskErrors.ts';

describe('maskSubgraphError', () => {
  it('passes the words of codes that are about the client’s input', () => {
    expect(maskSubgraphError('INVALID_CURSOR', 'The cursor is malformed.')).toEqual({
      code: 'INVALID_CURSOR',
      message: 'The cursor is malformed.',
    });
  });

  it('passes a code without its words where they are about the inside', () => {
    expect(maskSubgraphError('STORE_UNAVAILABLE', 'mongo at 10.0.0.1 is down')).toEqual({
      code: 'STORE_UNAVAILABLE',
      message: ERROR_CODES.STORE_UNAVAILABLE.meaning,
    });
  });

  it.each([
    ['INTERNAL'],
    ['GATEWAY_ONLY'],
    ['GRAPHQL_VALIDATION_FAILED'],
    ['DRAINING'],
    ['toString'],
    [undefined],
    [{}],
  ])('makes a bad answer of the code %s', (code) => {
    expect(maskSubgraphError(code, 'inner')).toMatchObject({ code: 'SUBGRAPH_BAD_ANSWER' });
    expect(maskSubgraphError(code, 'inner').message).not.toContain('inner');
  });

  it.each([
    'a0__client is malformed.',
    'comments__with_1 is malformed.',
    'name__alias_0 is malformed.',
    '_entities failed.',
  ])('does not pass on names that the client never used: %s', (message) => {
    expect(maskSubgraphError('BAD_USER_INPUT', message).message).toBe(ERROR_CODES.BAD_USER_INPUT.meaning);
  });

  it('does not pass on a speech', () => {
    expect(maskSubgraphError('BAD_USER_INPUT', 'x'.repeat(301)).message).toBe(ERROR_CODES.BAD_USER_INPUT.meaning);
  });
});
