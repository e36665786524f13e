import { checkMethod } from './checkMethod.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

describe('checkMethod', () => {
  it.each([
    ['application/json'],
    ['application/json; charset=utf-8'],
    ['application/json;charset="UTF-8"'],
    ['APPLICATION/JSON'],
  ])('takes a POST of %s', (type) => {
    expect(checkMethod('POST', { 'content-type': type }, false)).toBeUndefined();
  });

  it.each([
    ['text/plain'],
    [''],
    ['application/json; charset=latin1'],
    ['application/json; charset'],
    ['application/jsonx'],
    ['text/plain; application/json'],
  ])('refuses a POST of "%s" with 415', (type) => {
    expect(checkMethod('POST', { 'content-type': type }, false)).toMatchObject({ refused: 'UNSUPPORTED_MEDIA_TYPE' });
  });

  it('takes a GET that needs a preflight, and refuses others as cross-site', () => {
    expect(checkMethod('GET', { 'apollo-require-preflight': '1' }, false)).toBeUndefined();
    expect(checkMethod('GET', {}, false)).toMatchObject({ refused: 'CROSS_SITE_REQUEST' });
    expect(checkMethod('GET', { 'apollo-require-preflight': '' }, false)).toMatchObject({
      refused: 'CROSS_SITE_REQUEST',
    });
  });

  it('takes any GET where cross-site requests are allowed, but still no POST that is not JSON', () => {
    expect(checkMethod('GET', {}, true)).toBeUndefined();
    expect(checkMethod('POST', { 'content-type': 'text/plain' }, true)).toMatchObject({
      refused: 'UNSUPPORTED_MEDIA_TYPE',
    });
  });

  it('refuses a GET with a body or another content type', () => {
    const headers = { 'apollo-require-preflight': '1' };
    expect(checkMethod('GET', { ...headers, 'content-length': '2' }, false)).toMatchObject({ refused: 'BAD_REQUEST' });
    expect(checkMethod('GET', { ...headers, 'content-type': 'text/plain' }, false)).toMatchObject({
      refused: 'UNSUPPORTED_MEDIA_TYPE',
    });
  });

  it('refuses every other method, and one in disguise', () => {
    expect(checkMethod('HEAD', {}, false)).toMatchObject({ refused: 'METHOD_NOT_ALLOWED' });
    expect(checkMethod('POST', { ...JSON_TYPE, 'x-http-method-override': 'GET' }, false)).toMatchObject({
      refused: 'METHOD_NOT_ALLOWED',
    });
  });
});
