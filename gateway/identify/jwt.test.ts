import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { readConfig } from '../../platform/config.ts';
import { openHandClock } from '../../test/harness/handClock.ts';
import { headWith, NO_LOG, openTestStore, TEST_PEPPERS } from '../../test/harness/identifyParts.ts';
import type { PersonRights } from './jwt.ts';
import { openIdentify } from './openIdentify.ts';
import { readTokenRules } from './person/tokenRules.ts';

const ISSUER = 'https://id.example';
const AUDIENCE = 'crm';

/** An identity provider: what it publishes can be changed, and it can be away. */
class Provider {
  keys: JWK[] = [];
  status = 200;
  requests = 0;
  readonly #server: Server = createServer((_, response) => {
    this.requests++;
    response.writeHead(this.status, { location: this.url, 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: this.keys }));
  });

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/keys`;
  }

  async start(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async addKey(kid: string, algorithm = 'ES256'): Promise<CryptoKey> {
    const { publicKey, privateKey } = await generateKeyPair(algorithm);
    this.keys.push({ ...(await exportJWK(publicKey)), kid, alg: algorithm });
    return privateKey;
  }
}

const provider = new Provider();
let key: CryptoKey;

beforeAll(() => provider.start());
afterAll(() => provider.stop());
beforeEach(async () => {
  provider.keys = [];
  provider.status = 200;
  provider.requests = 0;
  key = await provider.addKey('one');
});

function open(more: Record<string, string> = {}, claimsCount = false) {
  const settings = { CRM_JWT_JWKS_URL: provider.url, CRM_JWT_ISSUER: ISSUER, CRM_JWT_AUDIENCE: AUDIENCE, ...more };
  const rules = readTokenRules(readConfig([], settings));
  if (rules === undefined) throw new Error('no rules');
  const rights: PersonRights = {
    ...{ contract: 'staff', registeredOnly: false, limits: undefined, claimsCount },
    denial: 'refuse',
  };
  const clock = openHandClock();
  const parts = { store: openTestStore(), peppers: TEST_PEPPERS, feed: undefined, clock, log: NO_LOG };
  const identify = openIdentify({ ...parts, people: { rules, rights } });
  return { clock, ask: (token: string) => identify.authenticate(headWith(`Bearer ${token}`)) };
}

interface Signing {
  readonly kid?: string;
  readonly with?: CryptoKey | Uint8Array;
  readonly algorithm?: string;
}

function sign(claims: Record<string, unknown> = {}, { kid = 'one', with: by, algorithm }: Signing = {}) {
  const all = { iss: ISSUER, aud: AUDIENCE, sub: 'ann|1', exp: 100, ...claims };
  return new SignJWT(all).setProtectedHeader({ alg: algorithm ?? 'ES256', kid }).sign(by ?? key);
}

describe('a token', () => {
  it('makes a person with the scopes of its claims and roles, without waiting once it is known', async () => {
    const roles = 'support=customers:read orders:read; admin=customers:write';
    const { ask } = open({ CRM_JWT_ROLE_SCOPES: roles, CRM_JWT_ROLE_CLAIMS: 'realm_access.roles' });
    const claims = { scope: 'a:read b:read', scp: ['c:read', 7], realm_access: { roles: ['support', 'other'] } };
    const token = await sign(claims);
    expect(await ask(token)).toMatchObject({
      ...{ kind: 'person', contract: 'staff', claims },
      id: expect.stringMatching(/^person:[0-9a-f]{8}:ann%7C1$/) as string,
      scopes: new Set(['a:read', 'b:read', 'c:read', 'customers:read', 'orders:read']),
    });
    expect(ask(token)).not.toBeInstanceOf(Promise);
  });

  it('gives people with other claims other rights only where policies read claims', async () => {
    const rightsOf = async (claimsCount: boolean) => {
      const { ask } = open({}, claimsCount);
      const people = [await ask(await sign({ team: 1 })), await ask(await sign({ team: 2 }))];
      return new Set(people.map((person) => ('rights' in person ? person.rights : person.refused))).size;
    };
    expect(await rightsOf(false)).toBe(1);
    expect(await rightsOf(true)).toBe(2);
  });

  it('signed with a key that came after the provider was read asks the provider only after a pause', async () => {
    const { ask } = open();
    await ask(await sign());
    const next = await provider.addKey('two');
    const token = await sign({}, { kid: 'two', with: next });
    expect(await ask(token)).toMatchObject({ refused: 'TOKEN_INVALID' });
    expect(provider.requests).toBe(1);
    const { ask: askAnew } = open();
    expect(await askAnew(token)).toMatchObject({ kind: 'person' });
  });
});

describe('401', () => {
  it('comes for another issuer, audience, key, algorithm, no end, no subject, not yet', async () => {
    const { ask } = open();
    const { privateKey: foreign } = await generateKeyPair('ES256');
    const endless = { iss: ISSUER, aud: AUDIENCE, sub: 'a' };
    const wrong = [
      sign({ iss: 'https://other.example' }),
      sign({ aud: 'other' }),
      sign({}, { with: foreign }),
      sign({}, { kid: 'none' }),
      sign({}, { with: Buffer.from(JSON.stringify(provider.keys[0])), algorithm: 'HS256' }),
      sign({ sub: '' }),
      sign({ sub: 'a'.repeat(256) }),
      sign({ nbf: 40 }),
      new SignJWT(endless).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(key),
    ];
    for (const token of wrong) expect(await ask(await token)).toMatchObject({ refused: 'TOKEN_INVALID' });
  });

  it('comes for a token without signature, by any spelling of none', async () => {
    const { ask } = open();
    const [, body = ''] = (await sign()).split('.');
    for (const alg of ['none', 'None', 'NONE']) {
      const head = Buffer.from(JSON.stringify({ alg })).toString('base64url');
      expect(await ask(`${head}.${body}.`)).toMatchObject({ refused: 'API_KEY_INVALID' });
      expect(await ask(`${head}.${body}.AA`)).toMatchObject({ refused: 'TOKEN_INVALID' });
    }
  });

  it('comes when a token ends, 30 seconds of tolerance after its time, also when it is known', async () => {
    const { ask, clock } = open();
    const token = await sign({ exp: 10 });
    clock.pass(38_999);
    expect(await ask(token)).toMatchObject({ kind: 'person' });
    clock.pass(1);
    expect(await ask(token)).toMatchObject({ refused: 'TOKEN_EXPIRED' });
  });
});

describe('503', () => {
  it('comes for tokens that are not known while the provider is away; known ones go on', async () => {
    const { ask, clock } = open();
    provider.status = 500;
    const token = await sign();
    expect(await ask(token)).toMatchObject({ refused: 'IDENTITY_PROVIDER_UNAVAILABLE' });
    expect(await ask(token)).toMatchObject({ refused: 'IDENTITY_PROVIDER_UNAVAILABLE' });
    expect(provider.requests).toBe(1);
    provider.status = 200;
    clock.pass(1_000);
    expect(await ask(token)).toMatchObject({ kind: 'person' });
    provider.status = 500;
    expect(await ask(token)).toMatchObject({ kind: 'person' });
  });

  it('comes for keys behind a redirect and for more of them than a provider has', async () => {
    provider.status = 302;
    expect(await open().ask(await sign())).toMatchObject({ refused: 'IDENTITY_PROVIDER_UNAVAILABLE' });
    provider.status = 200;
    provider.keys.push({ kty: 'oct', k: 'a'.repeat(262_144) });
    expect(await open().ask(await sign())).toMatchObject({ refused: 'IDENTITY_PROVIDER_UNAVAILABLE' });
  });
});

describe('the settings of tokens', () => {
  const whole = { CRM_JWT_JWKS_URL: 'https://id.example/keys', CRM_JWT_ISSUER: ISSUER, CRM_JWT_AUDIENCE: AUDIENCE };

  it('come whole or not at all, and name every fault', () => {
    expect(readTokenRules(readConfig([], {}))).toBeUndefined();
    const faulty = { CRM_JWT_JWKS_URL: 'http://id.example/keys', CRM_JWT_ALGORITHMS: 'HS256' };
    expect(() => readTokenRules(readConfig([], faulty))).toThrow(
      /ISSUER is missing[^]*AUDIENCE is missing[^]*must be https[^]*HS256 cannot sign/,
    );
    expect(() => readTokenRules(readConfig([], { ...whole, CRM_JWT_ROLE_SCOPES: 'a' }))).toThrow(/CRM_JWT_ROLE_SCOPES/);
    expect(readTokenRules(readConfig([], whole))).toMatchObject({ issuer: ISSUER, clockToleranceS: 30 });
  });
});
