import { Kind, type FieldNode } from 'graphql';
import type { Decision } from './authorize/authorize.ts';
import { OPEN_CALLER, type Caller } from './caller.ts';
import { deniedFields, refuseDenied } from './denial.ts';

const KEY: Caller = { ...OPEN_CALLER, kind: 'key', id: 'key:a' };
const lacking = (...scopes: string[]) => ({ authentication: false, scopes: [scopes], policies: [] });
const nodeAt = (start: number): FieldNode => ({
  kind: Kind.FIELD,
  name: { kind: Kind.NAME, value: 'f' },
  loc: { start } as NonNullable<FieldNode['loc']>,
});

type Denial = Extract<Decision, { readonly allowed: false }>;
const denial = (...fields: (readonly [string, ReturnType<typeof lacking>])[]): Denial => ({
  allowed: false,
  answer: 'refuse',
  denied: fields.map(([path, missing]) => ({ path: path.split('.'), coordinate: path, missing })),
  nodes: new Map(fields.map(([, missing], at) => [nodeAt(at), missing])),
});

describe('the refusal of an operation that its caller may not see', () => {
  it('tells each field with what is missing for it', () => {
    const refusal = refuseDenied(denial(['a.b', lacking('x', 'y')], ['c', lacking('z')]), KEY);
    expect(refusal).toMatchObject({ refused: 'SCOPE_MISSING', path: ['a', 'b'], scopes: [['x', 'y']] });
    expect(refusal.message).toBe('a.b needs the scope x and y.');
    expect(refusal.more?.map(({ path }) => path)).toEqual([['c']]);
  });

  it('leaves out what lies in a field that is told of and needs no more than that', () => {
    const refusal = refuseDenied(denial(['a', lacking('x')], ['a.b', lacking('x')], ['a.c', lacking('z')]), KEY);
    expect([refusal.path, ...(refusal.more ?? []).map(({ path }) => path)]).toEqual([['a'], ['a', 'c']]);
  });

  it('asks who has not said who it is for a key', () => {
    const nobody: Caller = { ...OPEN_CALLER, kind: 'nobody', id: 'nobody' };
    expect(refuseDenied(denial(['a', lacking('x')]), nobody).refused).toBe('API_KEY_MISSING');
  });
});

describe('fields that are left out of an answer', () => {
  it('have one key where the same is missing for the same fields', () => {
    const keyOf = (...scopes: string[]) =>
      deniedFields(denial(...scopes.map((scope) => ['a', lacking(scope)] as const))).key;
    expect(keyOf('x', 'y')).toBe(keyOf('x', 'y'));
    expect(new Set([keyOf('x', 'y'), keyOf('x'), keyOf('y'), keyOf('y', 'x')]).size).toBe(4);
  });
});
