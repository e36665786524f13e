import { chooseMediaType, DEFAULT_MEDIA_TYPE } from './mediaType.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const GRAPHQL = 'application/graphql-response+json; charset=utf-8';

describe('the form of an answer', () => {
  it.each([
    ['application/graphql-response+json', GRAPHQL],
    ['application/json', JSON_TYPE],
    ['application/json, application/graphql-response+json', JSON_TYPE],
    ['application/graphql-response+json, application/json', GRAPHQL],
    ['application/json;q=0.5, application/graphql-response+json', GRAPHQL],
    ['application/json;q=0.9, application/graphql-response+json;q=0.1', JSON_TYPE],
    ['application/json;q=0, */*', GRAPHQL],
    ['application/*', JSON_TYPE],
    ['text/html, */*;q=0.1', JSON_TYPE],
  ])('for %s is %s', (accept, contentType) => {
    expect(chooseMediaType(accept)?.contentType).toBe(contentType);
  });

  it.each([['text/html'], ['application/json;q=0'], ['image/*, text/plain'], ['']])(
    'is none of ours for "%s"',
    (accept) => {
      expect(chooseMediaType(accept)).toBeUndefined();
    },
  );

  it('is JSON where the client names nothing', () => {
    expect([chooseMediaType(undefined), chooseMediaType('*/*')]).toEqual([DEFAULT_MEDIA_TYPE, DEFAULT_MEDIA_TYPE]);
  });

  it('is plain JSON for who asks for it by name alone, in whatever case', () => {
    const isPlain = ['application/json', 'Application/JSON', 'application/*', '*/*'].map(
      (accept) => chooseMediaType(accept)?.isPlain,
    );
    expect(isPlain).toEqual([true, true, false, false]);
  });

  it('stays right however many different headers come', () => {
    for (let at = 0; at < 500; at++) chooseMediaType(`text/x-${at}`);
    expect(chooseMediaType('text/x-last')).toBeUndefined();
    expect(chooseMediaType('application/graphql-response+json;q=0.3, text/x-last')?.contentType).toBe(GRAPHQL);
  });
});
