// The one error type of this part: a refusal with MongoDB's own code, as a driver expects it. Everything else that is
// thrown is a fault of ours and is answered with code 8 (UnknownError).
import type { Doc } from './values/kinds.ts';

const CODE_NAMES: Readonly<Record<number, string>> = {
  2: 'BadValue',
  8: 'UnknownError',
  9: 'FailedToParse',
  13: 'Unauthorized',
  14: 'TypeMismatch',
  20: 'IllegalOperation',
  16: 'InvalidLength',
  17: 'ProtocolError',
  22: 'InvalidBSON',
  26: 'NamespaceNotFound',
  27: 'IndexNotFound',
  28: 'PathNotViable',
  31: 'KeyNotFound',
  40: 'ConflictingUpdateOperators',
  43: 'CursorNotFound',
  48: 'NamespaceExists',
  50: 'MaxTimeMSExpired',
  52: 'DollarPrefixedFieldName',
  53: 'InvalidIdField',
  54: 'NotSingleValueField',
  56: 'EmptyFieldName',
  59: 'CommandNotFound',
  66: 'ImmutableField',
  67: 'CannotCreateIndex',
  72: 'InvalidOptions',
  73: 'InvalidNamespace',
  85: 'IndexOptionsConflict',
  86: 'IndexKeySpecsConflict',
  112: 'WriteConflict',
  115: 'CommandNotSupported',
  166: 'CommandNotSupportedOnView',
  168: 'InvalidPipelineOperator',
  171: 'CannotIndexParallelArrays',
  197: 'InvalidIndexSpecificationOption',
  225: 'TransactionTooOld',
  238: 'NotImplemented',
  251: 'NoSuchTransaction',
  256: 'TransactionCommitted',
  263: 'OperationNotSupportedInTransaction',
  279: 'ClientDisconnect',
  292: 'QueryExceededMemoryLimitNoDiskUseAllowed',
  10334: 'BSONObjectTooLarge',
  11000: 'DuplicateKey',
};

/** A refusal with MongoDB's code; `extra` stands beside code and message in the answer (keyPattern, keyValue). */
export class MongoFault extends Error {
  override readonly name = 'MongoFault';
  readonly code: number;
  readonly extra: Doc;
  readonly labels: readonly string[];

  constructor(code: number, message: string, extra: Doc = {}, labels: readonly string[] = []) {
    super(message);
    this.code = code;
    this.extra = extra;
    this.labels = labels;
  }
}

/** Takes a code; gives MongoDB's name for it, or `Location<code>`. */
export function codeName(code: number): string {
  return CODE_NAMES[code] ?? `Location${code}`;
}

/** The refusal of a write at a document that another transaction holds or has changed since this one's snapshot. */
export function writeConflict(): MongoFault {
  return new MongoFault(
    112,
    'Caused by :: Write conflict during plan execution and yielding is disabled. :: Please retry your operation or multi-document transaction.',
    {},
    ['TransientTransactionError'],
  );
}
