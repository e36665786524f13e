// People with tokens of an OpenID provider: a provider in the test that publishes its keys over HTTP, a gateway process
// that trusts it, and tokens of every kind, the right one among them.
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { startKeyGraph, type KeyGraph } from '../../harness/keyGraph.ts';
import type { ClientAnswer } from '../../harness/testGateway.ts';

const ISSUER = 'https://login.example.com/realms/crm';
const AUDIENCE = 'crm-graph';
const NAMES = '{ customers(first: 1) { name } }';
const EMAILS = '{ customers(first: 1) { email } }';

/** Claims as a test writes them: undefined for one that is missing. */
type Claims = Readonly<Record<string, unknown>>;

interface ProviderKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** A provider: it publishes the keys that it has at the moment, and counts who asks for them. */
interface Provider {
  readonly server: Server;
  readonly url: string;
  keys: ProviderKey[];
  asked: number;
}

async function makeKey(kid: string, alg = 'ES256'): Promise<ProviderKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, publicKey };
}

async function startProvider(keys: ProviderKey[]): Promise<Provider> {
  const server = createServer((_, response) => {
    provider.asked++;
    const publish = async ({ publicKey, kid, alg }: ProviderKey) => ({ ...(await exportJWK(publicKey)), kid, alg });
    void Promise.all(provider.keys.map(publish)).then((published) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ keys: published }));
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/certs`;
  const provider: Provider = { server, url, keys, asked: 0 };
  return provider;
}

const nowS = (): number => Math.floor(Date.now() / 1_000);

/** The claims of a token that is good for an hour; undefined takes one away. */
function claimsWith(more: Claims = {}): Claims {
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'anna', iat: nowS(), exp: nowS() + 3_600, scope: 'customers:read' };
  return { ...claims, ...more };
}

function sign(claims: Claims, { privateKey, kid, alg }: ProviderKey): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(privateKey);
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

let provider: Provider;
let graph: KeyGraph;
let first: ProviderKey;
let second: ProviderKey;

beforeAll(async () => {
  first = await makeKey('first');
  second = await makeKey('second', 'RS256');
  provider = await startProvider([first]);
  graph = await startKeyGraph({
    gateways: 1,
    env: {
      CRM_JWT_JWKS_URL: provider.url,
      CRM_JWT_ISSUER: ISSUER,
      CRM_JWT_AUDIENCE: AUDIENCE,
      CRM_JWT_ROLE_CLAIMS: 'roles realm_access.roles',
      CRM_JWT_ROLE_SCOPES: 'support=customers:read; dpo=customers:read customers:read:pii',
    },
  });
});
afterAll(async () => {
  provider.server.close();
  provider.server.closeAllConnections();
  await graph.stop();
});

const askWith = (token: string, query = NAMES): Promise<ClientAnswer> => graph.ask(query, `Bearer ${token}`);
const outcomeOf = ({ status, codes }: ClientAnswer): string => [status, ...codes].join(' ');

// The first, as failures of one address are counted and this one waits.
describe('the provider', () => {
  it('changes its key: tokens of the new one are taken without a restart, strangers do not make it be asked again', async () => {
    const unknown = await sign(claimsWith({ sub: 'unknown kid' }), second);
    // What came lately lacks the key, and the provider is left alone for ten seconds.
    expect(outcomeOf(await askWith(unknown))).toBe('401 TOKEN_INVALID');
    const asked = provider.asked;
    for (let times = 0; times < 2; times++) expect(outcomeOf(await askWith(unknown))).toBe('401 TOKEN_INVALID');
    expect(provider.asked).toBe(asked);
    provider.keys = [first, second];
    const token = await sign(claimsWith({ sub: 'second' }), second);
    const endMs = performance.now() + 20_000;
    let answer = await askWith(token);
    while (answer.status === 401 && performance.now() < endMs) {
      await new Promise((next) => setTimeout(next, 2_000));
      answer = await askWith(token);
    }
    expect(outcomeOf(answer)).toBe('200');
    expect(outcomeOf(await askWith(await sign(claimsWith({ sub: 'old key' }), first)))).toBe('200');
  });
});

describe('a person with a token', () => {
  it('is answered what the scopes of the token open, and told what is missing for the rest', async () => {
    const token = await sign(claimsWith(), first);
    expect((await askWith(token)).data).toEqual({ customers: [{ name: 'Name 0' }] });
    const denied = await askWith(token, EMAILS);
    expect(outcomeOf(denied)).toBe('403 SCOPE_MISSING');
    expect(denied.errors[0]?.extensions).toMatchObject({ scopes: [['customers:read:pii']] });
    const more = await sign(claimsWith({ scope: 'customers:read customers:read:pii' }), first);
    expect((await askWith(more, EMAILS)).data).toEqual({ customers: [{ email: 'c0@example.com' }] });
  });

  it('has the scopes of a list in scp, and those that roles stand for, wherever the provider puts these', async () => {
    const scopes = ['customers:read', 'customers:read:pii'];
    const given: Claims[] = [{ scp: scopes }, { roles: ['dpo'] }, { realm_access: { roles: ['other', 'dpo'] } }];
    for (const claims of given) {
      const token = await sign(claimsWith({ scope: undefined, ...claims }), first);
      expect((await askWith(token, EMAILS)).data).toEqual({ customers: [{ email: 'c0@example.com' }] });
    }
    const support = await sign(claimsWith({ scope: undefined, roles: ['support'] }), first);
    expect([outcomeOf(await askWith(support)), outcomeOf(await askWith(support, EMAILS))]).toEqual([
      '200',
      '403 SCOPE_MISSING',
    ]);
    const nothing = await sign(claimsWith({ scope: undefined, roles: ['unknown'] }), first);
    expect(outcomeOf(await askWith(nothing))).toBe('403 SCOPE_MISSING');
    expect((await askWith(nothing, '{ known }')).data).toEqual({ known: 2 });
  });

  it('has limits of its own, told with every answer', async () => {
    const { headers, extensions } = await askWith(await sign(claimsWith({ sub: 'limited' }), first));
    expect(headers.get('ratelimit-policy')).toContain('"points"');
    expect(extensions?.['cost']).toMatchObject({ actual: expect.any(Number) as number });
  });
});

describe('a token that is not right', () => {
  const expectRefused = async (token: string, code = 'TOKEN_INVALID'): Promise<void> => {
    const answer = await askWith(token);
    expect(outcomeOf(answer)).toBe(`401 ${code}`);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token"/);
    expect(answer.text).not.toContain(token);
  };

  it('is refused with 401 for a wrong or missing issuer, audience, subject or expiry', async () => {
    const wrong: Claims[] = [
      { iss: 'https://elsewhere.example.com' },
      { iss: undefined },
      { aud: 'another' },
      { aud: undefined },
      { sub: undefined },
      { exp: undefined },
    ];
    for (const claims of wrong) await expectRefused(await sign(claimsWith(claims), first));
  });

  it('is refused with TOKEN_EXPIRED past its time, and before its time, but for the tolerance of clocks', async () => {
    await expectRefused(await sign(claimsWith({ exp: nowS() - 120 }), first), 'TOKEN_EXPIRED');
    await expectRefused(await sign(claimsWith({ nbf: nowS() + 3_000 }), first));
    const late = await sign(claimsWith({ exp: nowS() - 5, nbf: nowS() - 60 }), first);
    expect(outcomeOf(await askWith(late))).toBe('200');
  });

  it('is refused where it is not signed, or by a key that the provider has not', async () => {
    const unsigned = `${part({ alg: 'none', kid: 'first' })}.${part(claimsWith())}.`;
    const answer = await askWith(unsigned);
    expect([answer.status, answer.codes]).toEqual([401, ['API_KEY_INVALID']]);
    await expectRefused(`${part({ alg: 'none', kid: 'first' })}.${part(claimsWith())}.AAAA`);
    const stranger = await makeKey('first');
    await expectRefused(await sign(claimsWith(), stranger));
  });

  it('is refused where the public key of the provider was taken for a shared secret', async () => {
    const secrets = [await exportSPKI(first.publicKey), JSON.stringify(await exportJWK(first.publicKey))];
    for (const secret of secrets) {
      const head = `${part({ alg: 'HS256', kid: 'first', typ: 'JWT' })}.${part(claimsWith())}`;
      const signature = createHmac('sha256', secret).update(head).digest('base64url');
      await expectRefused(`${head}.${signature}`);
    }
  });

  it('is refused where its claims were changed after it was signed', async () => {
    const [head, , signature] = (await sign(claimsWith(), first)).split('.');
    const claims = part(claimsWith({ scope: 'customers:read customers:read:pii' }));
    await expectRefused(`${head ?? ''}.${claims}.${signature ?? ''}`);
  });
});

describe('a caller', () => {
  it('is a key or a person: with both the request is refused with 401, as with neither', async () => {
    const token = await sign(claimsWith(), first);
    const key = await graph.keys.create({ scopes: ['customers:read'] });
    expect(outcomeOf(await graph.ask(NAMES, `Bearer ${key}`))).toBe('200');
    for (const both of [`Bearer ${key}, Bearer ${token}`, `Bearer ${token} ${key}`, `Bearer ${token},Bearer ${key}`]) {
      expect(outcomeOf(await graph.ask(NAMES, both))).toBe('401 API_KEY_INVALID');
    }
    expect(outcomeOf(await graph.ask(NAMES))).toBe('401 API_KEY_MISSING');
    expect(outcomeOf(await graph.ask('{ open }'))).toBe('401 API_KEY_MISSING');
  });
});
