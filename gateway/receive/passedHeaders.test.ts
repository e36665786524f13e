import { passedHeaders } from './passedHeaders.ts';

const HEADERS = { 'accept-language': 'de', authorization: 'Bearer a', host: 'a', 'x-tag': ['1', '2'] as never };

describe('the headers that are passed on', () => {
  it('are those that are named and there', () => {
    expect(passedHeaders(['x-tag', 'accept-language', 'x-absent'], HEADERS)).toEqual({
      'x-tag': '1, 2',
      'accept-language': 'de',
    });
  });

  it('are none where none is named', () => {
    expect(passedHeaders([], HEADERS)).toEqual({});
  });
});
