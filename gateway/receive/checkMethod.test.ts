import { checkMethod } from './checkMethod.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

describe('checkMethod', () => {
  it.each([
    ['application/json'],
    ['application/json; charset=utf-8'],
    ['application/json;charset="UTF-8"'],
    ['APPLICATION/JSON'],
  ])('takes a POST of %s', (type) => {
    expect(checkMethod('POST', { 'content-type': type })).toBeUndefined();
  });

  it.each([
    ['text/plain'],
    [''],
    ['application/json; charset=latin1'],
    ['application/json; charset'],
    ['application/jsonx'],
    ['text/plain; application/json'],
  ])('refuses a POST of "%s" with 415', (type) => {
    expect(checkMethod('POST', { 'content-type': type })).toMatchObject({ refused: 'UNSUPPORTED_MEDIA_TYPE' });
  });

  it('takes a GET that needs a preflight, and refuses others as cross-site', () => {
    expect(checkMethod('GET', { 'apollo-require-preflight': '1' })).toBeUndefined();
    expect(checkMethod('GET', {})).toMatchObject({ refused: 'CROSS_SITE_REQUEST' });
    expect(checkMethod('GET', { 'apollo-require-preflight': '' })).toMatchObject({ refused: 'CROSS_SITE_REQUEST' });
  });

  it('refuses a GET with a body or another content type', () => {
    const headers = { 'apollo-require-preflight': '1' };
    expect(checkMethod('GET', { ...headers, 'content-length': '2' })).toMatchObject({ refused: 'BAD_REQUEST' });
    expect(checkMethod('GET', { ...headers, 'content-type': 'text/plain' })).toMatchObject({
      refused: 'UNSUPPORTED_MEDIA_TYPE',
    });
  });

  it('refuses every other method, and one in disguise', () => {
    expect(checkMethod('HEAD', {})).toMatchObject({ refused: 'METHOD_NOT_ALLOWED' });
    expect(checkMethod('POST', { ...JSON_TYPE, 'x-http-method-override': 'GET' })).toMatchObject({
      refused: 'METHOD_NOT_ALLOWED',
    });
  });
});
