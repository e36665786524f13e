// What a log line holds of errors, as the MongoDB driver makes them.
import mongoose from 'mongoose';
import { errorLine } from './errorLine.ts';

const { MongoServerError } = mongoose.mongo;

describe('an error in a log line', () => {
  it('holds neither the documents nor the key values of a database error', () => {
    const error = new MongoServerError({
      message: 'E11000 duplicate key error collection: a.b index: c dup key: { email: "ada@example.org" }',
      code: 11_000,
      keyValue: { email: 'ada@example.org' },
    });
    Object.assign(error, { writeErrors: [{ index: 0, op: { email: 'ada@example.org' } }] });
    const line = JSON.stringify(errorLine(new Error('it failed', { cause: error })));
    const own = JSON.stringify(errorLine(error));
    expect(own).not.toContain('ada@');
    expect(line).not.toContain('ada@');
    expect(own).toContain('E11000 duplicate key error collection: a.b index: c dup key: …');
    expect(own).toContain('11000');
  });

  it('keeps name, words, place and code of every other error', () => {
    const error = Object.assign(new RangeError('too far'), { code: 'E_FAR', address: '127.0.0.1' });
    expect(errorLine(error)).toMatchObject({
      type: 'RangeError',
      message: 'too far',
      stack: expect.stringContaining('errorLine.test.ts') as string,
      code: 'E_FAR',
      address: '127.0.0.1',
    });
  });
});
