import mongoose from 'mongoose';
import { isStoreFault } from './mongoFault.ts';

const { MongoServerError, MongoNetworkError, MongoInvalidArgumentError } = mongoose.mongo;
const answered = (code: number): Error => new MongoServerError({ message: 'no', code });

describe('a fault of the database', () => {
  it.each([
    ['is away', new MongoNetworkError('away')],
    ['steps down', answered(189)],
    ['does not know us', answered(18)],
    ['does not allow us', answered(13)],
    ['has no room on its disk', answered(14_031)],
    ['was interrupted', answered(11_601)],
  ])('is one where it %s: no event is to blame', (_, error) => {
    expect(isStoreFault(error)).toBe(true);
  });

  it.each([
    ['an effect that breaks its schema', answered(121)],
    ['a key that is there', answered(11_000)],
    ['an effect that takes too long', answered(50)],
    ['a call that is wrong', new MongoInvalidArgumentError('no')],
    ['an error of ours', new TypeError('no')],
  ])('is not one in %s', (_, error) => {
    expect(isStoreFault(error)).toBe(false);
  });
});
