// Everything that forgets and copies people in the customers subgraph, put together.
import type { Connection, Model } from 'mongoose';
import { answerRequests } from '../../kit/dataSubject/answerRequests.ts';
import { stepsModel } from '../../kit/dataSubject/steps.ts';
import type { Call } from '../../kit/call.ts';
import type { Follower } from '../../kit/follow/follower.ts';
import type { Chore } from '../../kit/follow/runChores.ts';
import { bounded } from '../../kit/read/mongo.ts';
import { within } from '../../kit/read/operators.ts';
import type { CustomersModels } from '../model.ts';
import { askOthers } from './askOthers.ts';
import { ForgottenMarks } from './forgottenMarks.ts';
import { KeptKeys } from './keptKeys.ts';
import { dataSubjectModels, type CopyPieceDocument } from './models.ts';
import { personalCustomers } from './personalCustomers.ts';
import { takeAnswers } from './takeAnswers.ts';

/** What the rest of the subgraph needs of it. */
export interface DataSubjects {
  readonly models: readonly Pick<Model<never>, 'createIndexes'>[];
  readonly marks: ForgottenMarks;
  readonly followers: readonly Follower[];
  readonly chores: readonly Chore[];
  /** Gives pieces of a copy in a fixed order, behind one of them. */
  listPieces(call: Call, requestId: string, page: PiecesPage): Promise<CopyPieceDocument[]>;
}

/** Which pieces are asked for. */
export interface PiecesPage {
  readonly first: number;
  readonly after: string | undefined;
}

/** Takes the connection and the collections of customers; gives it. */
export function openDataSubjects(connection: Connection, models: CustomersModels): DataSubjects {
  const requestModels = dataSubjectModels(connection);
  const steps = stepsModel(connection);
  const keys = new KeptKeys(requestModels.keys);
  const marks = new ForgottenMarks(requestModels, keys);
  return {
    models: [requestModels.pieces, requestModels.marks, requestModels.keys, steps],
    marks,
    followers: [
      answerRequests(personalCustomers({ models, requestModels, steps, marks })),
      takeAnswers({ models, requestModels, keys }),
    ],
    chores: [askOthers({ models, requestModels })],
    listPieces(call, requestId, { first, after }) {
      const filter = { tenantId: call.tenantId, requestId, ...(after !== undefined && { _id: within({ gt: after }) }) };
      const options = { ...bounded(call, 'byRequest', first), sort: { _id: 1 } as const };
      return requestModels.pieces.find(filter, undefined, options).lean<CopyPieceDocument[]>();
    },
  };
}
