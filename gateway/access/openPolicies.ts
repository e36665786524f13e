// The operator's functions that answer the policies of a graph, read once when the gateway starts.
import { StartError } from '../../platform/lifecycle.ts';
import { loadPolicies, type PolicyParts } from '../authorize/policies.ts';
import type { AccessParts } from './access.ts';

/** How long a policy may take. */
const POLICY_TIMEOUT_MS = 500;

/** Takes the module's path, undefined for none. Throws StartError where it cannot be read. */
export async function openPolicies(path: string | undefined, { clock, log }: AccessParts): Promise<PolicyParts> {
  const rules = { clock, policyTimeoutMs: POLICY_TIMEOUT_MS, log };
  if (path === undefined) return { policies: new Map(), ...rules };
  try {
    return { policies: await loadPolicies(path), ...rules };
  } catch (error) {
    throw new StartError(`--policies ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
