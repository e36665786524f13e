import fc from 'fast-check';
import { isRefusal } from '../requestState.ts';
import { readGetRequest, readPostRequest } from './readRequest.ts';

describe('readPostRequest', () => {
  it('takes a request and fills in what is left out', () => {
    expect(readPostRequest('{"query":"{ a }","operationName":null}')).toEqual({
      method: 'POST',
      query: '{ a }',
      operationName: undefined,
      variables: {},
    });
  });

  it('gives a request of the right kinds or a refusal for every JSON', () => {
    const fields = fc.record(
      { query: fc.jsonValue(), operationName: fc.jsonValue(), variables: fc.jsonValue(), extensions: fc.jsonValue() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fields, fc.jsonValue()), (json) => {
        const outcome = readPostRequest(JSON.stringify(json));
        if (isRefusal(outcome)) return;
        expect(typeof outcome.query).toBe('string');
        expect(['string', 'undefined']).toContain(typeof outcome.operationName);
        expect(Array.isArray(outcome.variables) || typeof outcome.variables !== 'object').toBe(false);
      }),
    );
  });

  it('does not let a prototype be polluted', () => {
    expect(readPostRequest('{"query":"{a}","variables":{"__proto__":{"polluted":1}}}')).toMatchObject({
      refused: 'MALFORMED_JSON',
    });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('readGetRequest', () => {
  it('takes a query with variables', () => {
    const search = new URLSearchParams({ query: '{ a }', variables: '{"b":1}', operationName: 'N' }).toString();
    expect(readGetRequest(search)).toMatchObject({ query: '{ a }', variables: { b: 1 }, operationName: 'N' });
  });

  it.each([
    ['query=a&query=b', 'BAD_REQUEST'],
    ['query=a&variables=%7B', 'MALFORMED_JSON'],
    ['', 'BAD_REQUEST'],
  ])('refuses %s', (search, code) => {
    expect(readGetRequest(search)).toMatchObject({ refused: code });
  });
});
