// What is kept of a fault, for messages as databases and engines write them.
import { EffectFault } from './definition.ts';
import { describeFault } from './describeFault.ts';

describe('what is kept of a fault', () => {
  it.each([
    'E11000 duplicate key error collection: crm.customers index: byEmail dup key: { emailFolded: "ada@example.org" }',
    'Cast to Date failed for value "ada@example.org" (type string) at path "since"',
    `Unexpected token 'a', "ada@example.org" is not valid JSON`,
    `it's wrong: 'ada@example.org`,
    'Document failed validation: [ ada@example.org ]',
  ])('leaves out what is quoted: %s', (message) => {
    expect(describeFault(new Error(message))).not.toContain('ada');
  });

  it('keeps name, code and the words around', () => {
    const fault = Object.assign(new Error('E11000 duplicate key error index: byEmail dup key: { a: 1 }'), {
      name: 'MongoServerError',
      code: 11_000,
    });
    expect(describeFault(fault)).toBe('MongoServerError 11000: E11000 duplicate key error index: byEmail dup key: …');
  });

  it('keeps the words of an effect that knows which events are at fault, cut to 300 characters', () => {
    expect(describeFault(new EffectFault(['a'], 'the order "A-1" has no customer'))).toBe(
      'EffectFault: the order "A-1" has no customer',
    );
    expect(describeFault(new Error('x'.repeat(1_000)))).toHaveLength(300);
    expect(describeFault('ada@example.org')).not.toContain('ada');
  });
});
