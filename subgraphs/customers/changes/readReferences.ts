// What a batch of customers refers to, read once for the batch: companies that exist, and custom field definitions.
import { isIdOf } from '../../../contracts/entityId.ts';
import type { WriteCall } from '../../kit/call.ts';
import { bounded } from '../../kit/read/mongo.ts';
import { inList } from '../../kit/read/operators.ts';
import type { CustomersModels, CustomFieldDefinitionDocument } from '../model.ts';

const DEFINITIONS_MAX = 200;

/** What the items of a batch may refer to. */
export interface Known {
  readonly companyIds: ReadonlySet<string>;
  readonly definitions: ReadonlyMap<string, CustomFieldDefinitionDocument>;
}

/** Takes the items of a batch; gives which of their companies and custom fields there are. */
export async function readReferences(
  models: CustomersModels,
  write: WriteCall,
  input: readonly { companyId?: string | null; customFields?: readonly object[] | null }[],
): Promise<Known> {
  const { tenantId, session } = write;
  const ids = [...new Set(input.map(({ companyId }) => companyId).filter((id) => isIdOf('com', id)))];
  const companies =
    ids.length === 0
      ? []
      : await models.companies.find(
          { tenantId, _id: inList(ids), deletedAt: null },
          { _id: 1 },
          { ...bounded(write, '_id_', ids.length), session },
        );
  const definitions = input.some(({ customFields }) => customFields != null && customFields.length > 0)
    ? await models.definitions
        .find({ tenantId, deletedAt: null }, undefined, { ...bounded(write, 'byKey', DEFINITIONS_MAX), session })
        .lean()
    : [];
  return {
    companyIds: new Set(companies.map(({ _id }) => _id)),
    definitions: new Map(definitions.map((definition) => [definition.key, definition])),
  };
}
