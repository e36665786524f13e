import { ERROR_CODES, type ErrorCodeName } from '../../contracts/errorCodes.ts';
import { maskError, maskSubgraphError } from './maskErrors.ts';

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

  it('does not pass on a speech', () => {
    expect(maskSubgraphError('BAD_USER_INPUT', 'x'.repeat(301)).message).toBe(ERROR_CODES.BAD_USER_INPUT.meaning);
  });
});

describe('maskError', () => {
  it('says nothing of a fault', () => {
    const masked = maskError({
      message: 'connect ECONNREFUSED 10.0.0.1',
      extensions: { code: 'INTERNAL_SERVER_ERROR', stacktrace: ['at secret'] },
    });
    expect(masked).toEqual({ message: ERROR_CODES.INTERNAL.meaning, extensions: { code: 'INTERNAL' } });
  });

  it.each<[string | undefined, ErrorCodeName]>([
    [undefined, 'INTERNAL'],
    ['DOWNSTREAM_SERVICE_ERROR', 'INTERNAL'],
    ['PERSISTED_QUERY_NOT_FOUND', 'BAD_REQUEST'],
    ['constructor', 'INTERNAL'],
  ])('knows no code %s', (code, known) => {
    const masked = maskError({ message: 'inner', ...(code !== undefined && { extensions: { code } }) });
    expect(masked).toEqual({ message: ERROR_CODES[known].meaning, extensions: { code: known } });
  });

  it('passes path and place, and nothing else of the extensions', () => {
    const masked = maskError({
      message: 'orders: away',
      path: ['orders'],
      locations: [{ line: 1, column: 1 }],
      extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'orders' },
    });
    expect(masked).toEqual({
      message: 'orders: away',
      path: ['orders'],
      locations: [{ line: 1, column: 1 }],
      extensions: { code: 'SUBGRAPH_UNAVAILABLE' },
    });
  });
});
