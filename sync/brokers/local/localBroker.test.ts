// The local broker passes the suite of all brokers, with its own end as a kill; and it is closed to whoever does not know
// its secret.
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../platform/clock.ts';
import { openLog } from '../../../platform/log.ts';
import { describeBroker } from '../conformance.ts';
import { collectAsMember, countTo, numbered, until } from '../conformance/collect.ts';
import { openBroker } from '../openBroker.ts';
import { startLocalBroker, type LocalBrokerServer } from './startLocalBroker.ts';

const SECRET = 'a secret of at least thirty-two characters';
const log = openLog('test', 'silent');
const dataPath = mkdtempSync(join(tmpdir(), 'crm-broker-'));
let server: LocalBrokerServer;

const start = (port: number): Promise<LocalBrokerServer> =>
  startLocalBroker({
    ...{ host: '127.0.0.1', port, dataPath, secret: SECRET, log, clock: systemClock },
    retention: { keptMs: 60_000, bytesMax: 1e9 },
  });

const open = (secret = SECRET) =>
  openBroker(server.url.replace('//', `//crm:${encodeURIComponent(secret)}@`), {
    ...{ name: 'test', log, clock: systemClock },
  });

beforeAll(async () => {
  server = await start(0);
});

afterAll(async () => {
  await server.stop();
  rmSync(dataPath, { recursive: true });
});

describeBroker('local', {
  open,
  async restart() {
    const { port } = new URL(server.url);
    await server.stop();
    server = await start(Number(port));
  },
  openTooOld: () => Promise.resolve('another-log.0'),
});

describe('the local broker', () => {
  it('tells nothing to a client with another secret, and takes nothing from it', async () => {
    const stranger = await open('another secret of thirty-two characters');
    expect(stranger.isConnected()).toBe(false);
    await expect(stranger.publish(numbered('outbox.event.Secret', ['a'], 1))).rejects.toThrow(/away/);
    await stranger.close();
    const friend = await open();
    const { got } = await collectAsMember(friend, { group: 'g', topics: ['outbox.event.Secret'], inFlightMax: 1 });
    await friend.publish([{ topic: 'outbox.event.Secret', key: 'a', value: 'of a friend' }]);
    await until(() => got.length > 0);
    expect(got.map(({ value }) => value)).toEqual(['of a friend']);
    await friend.close();
  });

  it.each([
    ['bytes that are no frame', 'GET / HTTP/1.1\r\n\r\n'],
    ['a publish before the proof', frame({ t: 'publish', id: 1, messages: [['t', 'k', 'v']] })],
    ['a wrong proof', frame({ t: 'prove', nonce: 'n', proof: 'p', name: 'x' })],
    ['a frame over the limit of the unproven', frame({ t: 'prove', nonce: 'n'.repeat(5_000), proof: 'p', name: 'x' })],
  ])('closes on %s', async (_, bytes) => {
    const { hostname, port } = new URL(server.url.replace('local:', 'http:'));
    const socket = connect(Number(port), hostname);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    let heard = '';
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
    socket.write(bytes);
    await closed;
    expect(heard).not.toContain('proven');
    expect(heard).not.toContain('yes');
  });

  it.each([
    ['says that it is proven, unasked and without a proof', frame({ t: 'proven', proof: '', log: 'x' })],
    [
      'makes up a proof',
      Buffer.concat([frame({ t: 'hello', nonce: 'n' }), frame({ t: 'proven', proof: 'p', log: 'x' })]),
    ],
    ['delivers before it is proven', frame({ t: 'entries', reader: 1, entries: [] })],
  ])('is nobody who %s: its client tells it nothing', async (_, said) => {
    const sockets = new Set<Socket>();
    const impostor = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.write(said);
    });
    await new Promise<void>((resolve) => impostor.listen(0, '127.0.0.1', resolve));
    const { port } = impostor.address() as AddressInfo;
    const address = `local://crm:${encodeURIComponent(SECRET)}@127.0.0.1:${port}`;
    const client = await openBroker(address, { name: 'test', log, clock: systemClock });
    expect(client.isConnected()).toBe(false);
    await expect(client.publish(numbered('outbox.event.Secret', ['a'], 1))).rejects.toThrow(/away/);
    // Nor at a later try.
    await until(() => sockets.size > 2);
    expect(client.isConnected()).toBe(false);
    await client.close();
    for (const socket of sockets) socket.destroy();
    impostor.close();
  });

  it('refuses an address without a secret in words for people', async () => {
    const opening = openBroker('local://127.0.0.1:1', { name: 'test', log, clock: systemClock });
    await expect(opening).rejects.toThrow(/CRM_BROKER_SECRET/);
  });

  it('serves more members than there are partitions, and gives all to the one that stays', async () => {
    const topic = 'outbox.event.Members';
    const brokers = await Promise.all(countTo(20).map(() => open()));
    const plan = { group: 'many', topics: [topic], inFlightMax: 100 };
    const members = await Promise.all(brokers.map((broker) => collectAsMember(broker, plan)));
    const keys = countTo(50).map((number) => `key${number}`);
    await brokers[0]?.publish(numbered(topic, keys, 2));
    await until(() => members.reduce((sum, { got }) => sum + got.length, 0) === 100);
    for (const broker of brokers.slice(1)) await broker.close();
    const first = members[0]?.got ?? [];
    const seen = first.length;
    await brokers[0]?.publish(numbered(topic, keys, 2, 2));
    await until(() => first.length >= seen + 100);
    expect(first).toHaveLength(seen + 100);
    await brokers[0]?.close();
  });
});

function frame(word: object): Buffer {
  const text = Buffer.from(JSON.stringify(word));
  const header = Buffer.alloc(4);
  header.writeUInt32BE(text.length);
  return Buffer.concat([header, text]);
}
