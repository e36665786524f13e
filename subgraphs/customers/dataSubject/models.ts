// What customers keeps for requests to forget and to copy people: pieces of copies, marks of who must not come back, and
// the keys that marks and certificates are made with.
import type { Connection, Model } from 'mongoose';
import { declareCollection } from '../../kit/write/entityDocument.ts';
import { BY_TENANT_AND_ID, moment, text } from '../../kit/write/fields.ts';

const PIECES_KEPT_SECONDS = 7 * 24 * 60 * 60;

/** Some documents of a copy. */
export interface CopyPieceDocument {
  /** `<request id>:<event id>` */
  readonly _id: string;
  readonly tenantId: string;
  readonly requestId: string;
  readonly customerId: string;
  readonly store: string;
  readonly collectionName: string;
  /** A list, as JSON. */
  readonly documents: string;
  readonly createdAt: Date;
}

/** A mark of a forgotten person, made so that only who knows the name can find it. */
export interface ForgottenMarkDocument {
  /** `<tenantId>:<keyed hash>` */
  readonly _id: string;
  readonly tenantId: string;
  readonly since: Date;
}

/** A key that is made once and kept. */
export interface DataSubjectKeyDocument {
  readonly _id: 'marks' | 'certificates';
  /** Base64, or PKCS #8 in PEM. */
  readonly secret: string;
  readonly createdAt: Date;
}

const pieceSchema = declareCollection<CopyPieceDocument>({
  collection: 'copy_pieces',
  shardKey: BY_TENANT_AND_ID,
  fields: {
    _id: text,
    tenantId: text,
    requestId: text,
    customerId: text,
    store: text,
    collectionName: text,
    documents: text,
    createdAt: moment,
  },
  indexes: [
    { name: 'byRequest', keys: { tenantId: 1, requestId: 1, _id: 1 } },
    { name: 'byCustomer', keys: { tenantId: 1, customerId: 1 } },
    { name: 'createdAt', keys: { createdAt: 1 }, expireAfterSeconds: PIECES_KEPT_SECONDS },
  ],
});

const markSchema = declareCollection<ForgottenMarkDocument>({
  collection: 'forgotten_marks',
  shardKey: BY_TENANT_AND_ID,
  fields: { _id: text, tenantId: text, since: moment },
  indexes: [],
});

const keySchema = declareCollection<DataSubjectKeyDocument>({
  collection: 'data_subject_keys',
  shardKey: { _id: 'hashed' },
  fields: { _id: text, secret: text, createdAt: moment },
  indexes: [],
});

/** The collections of requests on one connection. */
export interface DataSubjectModels {
  readonly pieces: Model<CopyPieceDocument>;
  readonly marks: Model<ForgottenMarkDocument>;
  readonly keys: Model<DataSubjectKeyDocument>;
}

/** Takes an open connection; gives the collections on it. */
export function dataSubjectModels(connection: Connection): DataSubjectModels {
  return {
    pieces: connection.model<CopyPieceDocument>('CopyPiece', pieceSchema),
    marks: connection.model<ForgottenMarkDocument>('ForgottenMark', markSchema),
    keys: connection.model<DataSubjectKeyDocument>('DataSubjectKey', keySchema),
  };
}
