// The signed statement that the gateway puts on each fetch: who calls, which tenant, how long there is time, and that
// it is for this very body. A subgraph answers nothing without it. HMAC-SHA-256 over the statement and the body's hash.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** The header that carries the proof. */
export const PROOF_HEADER = 'crm-gateway-proof';
/** How long a proof holds, beside its deadline: clocks may differ by this much. */
const CLOCK_TOLERANCE_MS = 30_000;

/** What the gateway states about a fetch. */
export interface GatewayStatement {
  readonly requestId: string;
  readonly tenantId: string;
  /** Who acts, as it is written into createdBy and updatedBy. */
  readonly actor: string;
  /** The subgraph that is meant: a proof for one is nothing to another. */
  readonly subgraph: string;
  /** When the answer is of no more use, in milliseconds since 1970. */
  readonly deadlineMs: number;
  /** Whether the subgraph reports its database commands in `extensions.databaseCommands`. */
  readonly explain: boolean;
}

function sign(secret: string, statement: string, body: string): Buffer {
  const bodyHash = createHash('sha256').update(body).digest('base64url');
  return createHmac('sha256', secret).update(`v1.${statement}.${bodyHash}`).digest();
}

/** Takes the shared secret, the statement and the body; gives the header's value. */
export function makeProof(secret: string, statement: GatewayStatement, body: string): string {
  const text = Buffer.from(JSON.stringify(statement)).toString('base64url');
  return `v1.${text}.${sign(secret, text, body).toString('base64url')}`;
}

function isStatement(value: unknown): value is GatewayStatement {
  if (typeof value !== 'object' || value === null) return false;
  const { requestId, tenantId, actor, subgraph, deadlineMs, explain } = value as Record<string, unknown>;
  return (
    [requestId, tenantId, actor, subgraph].every((text) => typeof text === 'string') &&
    typeof deadlineMs === 'number' &&
    typeof explain === 'boolean'
  );
}

/** What a subgraph checks a proof against. */
export interface ProofCheck {
  readonly secret: string;
  readonly subgraph: string;
  readonly nowMs: number;
}

/** Takes the header's value and the body as received; gives the statement, or undefined when it does not hold. */
export function readProof(check: ProofCheck, header: string | undefined, body: string): GatewayStatement | undefined {
  const [version, text, signature] = header?.split('.') ?? [];
  if (version !== 'v1' || text === undefined || signature === undefined) return undefined;
  const given = Buffer.from(signature, 'base64url');
  const expected = sign(check.secret, text, body);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const statement: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
  if (!isStatement(statement) || statement.subgraph !== check.subgraph) return undefined;
  return statement.deadlineMs + CLOCK_TOLERANCE_MS < check.nowMs ? undefined : statement;
}
