// The two keys of requests, made when they are first needed and kept: the one that marks of forgotten people are hashed
// with, and the one that certificates are signed with.
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { Model } from 'mongoose';
import { HmacKey } from '../../../contracts/hmacSha256.ts';
import { systemClock } from '../../../platform/clock.ts';
import type { DataSubjectKeyDocument } from './models.ts';

const MARK_KEY_BYTES = 32;
const READ = { hint: '_id_', limit: 1, maxTimeMS: 5_000 } as const;

function newSecret(id: DataSubjectKeyDocument['_id']): string {
  if (id === 'marks') return randomBytes(MARK_KEY_BYTES).toString('base64');
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function base64url(json: object): string {
  return Buffer.from(JSON.stringify(json)).toString('base64url');
}

/** Makes marks and signatures. */
export class KeptKeys {
  readonly #model: Model<DataSubjectKeyDocument>;
  readonly #known = new Map<string, Promise<string>>();

  constructor(model: Model<DataSubjectKeyDocument>) {
    this.#model = model;
  }

  /** Takes a tenant and texts that name people; gives the ids of their marks, in the same order (HMAC-SHA-256). */
  async marksOf(tenantId: string, names: readonly string[]): Promise<string[]> {
    const key = new HmacKey(await this.#secret('marks'));
    return names.map((name) => `${tenantId}:${key.sign(JSON.stringify([tenantId, name]))}`);
  }

  /** Says whether anybody was ever marked: where nobody was, nobody has to be looked for, and no key is made. */
  async hasMarks(): Promise<boolean> {
    if (this.#known.has('marks')) return true;
    return (await this.#model.findOne({ _id: 'marks' }, { _id: 1 }, READ)) !== null;
  }

  /** Takes claims; gives them signed: a compact JWS (RFC 7515) by Ed25519, the public key in its header as `jwk`. */
  async sign(claims: object): Promise<string> {
    const key = createPrivateKey(await this.#secret('certificates'));
    const { kty, crv, x } = createPublicKey(key).export({ format: 'jwk' });
    const text = `${base64url({ alg: 'EdDSA', jwk: { kty, crv, x } })}.${base64url(claims)}`;
    return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`;
  }

  #secret(id: DataSubjectKeyDocument['_id']): Promise<string> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const reading = this.#read(id);
    this.#known.set(id, reading);
    reading.catch(() => this.#known.delete(id));
    return reading;
  }

  /** Outside of any transaction: a key once made stays. Whoever comes second takes the first one's. */
  async #read(_id: DataSubjectKeyDocument['_id']): Promise<string> {
    const update = { $setOnInsert: { secret: newSecret(_id), createdAt: systemClock.now() } };
    const options = { upsert: true, returnDocument: 'after' } as const;
    const { secret } = await this.#model.findOneAndUpdate({ _id }, update, options).lean();
    return secret;
  }
}
