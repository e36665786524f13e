// What changed for clients between two supergraphs: the inspector's change list of their public schemas. The one place
// where published releases are compared.
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { readPublicSchema } from './publicSchema.ts';

/** A change that clients can see. */
export interface PublicChange {
  readonly verdict: 'safe' | 'dangerous' | 'breaking';
  /** The inspector's type, as FIELD_REMOVED. */
  readonly code: string;
  readonly coordinate: string | undefined;
  readonly message: string;
}

const VERDICTS = {
  [CriticalityLevel.Breaking]: 'breaking',
  [CriticalityLevel.Dangerous]: 'dangerous',
  [CriticalityLevel.NonBreaking]: 'safe',
} as const;

/** Takes two supergraphs; gives what changes from the first to the second. Throws RegistryError for one that cannot be loaded. */
export async function comparePublic(before: string, after: string): Promise<PublicChange[]> {
  const changes = await diff(readPublicSchema(before), readPublicSchema(after));
  return changes.map(({ criticality, type, path, message }) => {
    return { verdict: VERDICTS[criticality.level], code: String(type), coordinate: path, message };
  });
}
