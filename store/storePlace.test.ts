import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../platform/config.ts';
import { readPlace } from './storePlace.ts';

const config = readConfig([], { MONGODB_URI: 'mongodb://db:1/', CRM_DATABASE_PREFIX: 'acme', CRM_REGISTRY_TOKEN: 't' });

describe('readPlace', () => {
  it.each([
    ['mongodb://host:1/other', { kind: 'mongodb', uri: 'mongodb://host:1/other', database: 'other' }],
    [
      'mongodb://a:b@host/?tls=true',
      { kind: 'mongodb', uri: 'mongodb://a:b@host/?tls=true', database: 'acme_gateway' },
    ],
    ['mongodb:', { kind: 'mongodb', uri: 'mongodb://db:1/', database: 'acme_gateway' }],
    ['https://host/schemas/', { kind: 'web', url: 'https://host/schemas/', token: 't' }],
    ['https://host/a.graphql?b', { kind: 'supergraphUrl', url: 'https://host/a.graphql?b', token: 't' }],
    ['http://127.0.0.1:80/x', { kind: 'web', url: 'http://127.0.0.1/x', token: 't' }],
    ['http://[::1]:8080/x', { kind: 'web', url: 'http://[::1]:8080/x', token: 't' }],
    ['file:/nowhere/at/all', { kind: 'folder', path: '/nowhere/at/all' }],
    ['file:///nowhere/a.graphql', { kind: 'supergraphFile', path: '/nowhere/a.graphql' }],
  ])('reads %s', (text, place) => {
    expect(readPlace(text, config)).toEqual(place);
  });

  it.each([
    ['', /must begin with/],
    ['file:', /must begin with/],
    ['/a/folder', /must begin with/],
    ['redis://x', /must begin with/],
    ['mongodb://', /must be as mongodb:/],
    ['https://', /is no address/],
    ['http://example.com/x/', /must be https/],
    ['http://127.0.0.1.example.com/', /must be https/],
    ['http://localhost.example.com/', /must be https/],
    ['mongodb:///other', /must be as mongodb:/],
    ['https://host/schemas/?signature=s', /without \? and #/],
    ['https://ann:secret@host/', /must not hold a password/],
  ])('refuses %s', (text, said) => {
    expect(() => readPlace(text, config)).toThrow(said);
  });

  it('takes the database of the keys for mongodb: alone, whatever else their address names', () => {
    const named = readConfig([], { MONGODB_URI: 'mongodb://db:1/users', CRM_DATABASE_PREFIX: 'acme' });
    expect(readPlace('mongodb:', named)).toMatchObject({ uri: 'mongodb://db:1/users', database: 'acme_gateway' });
  });

  it('goes by what is there: a folder is a store whatever its name, a file is a supergraph', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'crm-place.graphql'));
    await writeFile(join(folder, 'schema'), '');
    expect([readPlace(`file:${folder}`, config).kind, readPlace(`file:${folder}/schema`, config).kind]).toEqual([
      'folder',
      'supergraphFile',
    ]);
    await rm(folder, { recursive: true });
  });
});
