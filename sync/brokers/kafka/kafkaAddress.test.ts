// Every form of Kafka's address is read, and a wrong one is refused in words that do not repeat it.
import { readKafkaAddress } from './kafkaAddress.ts';

describe('readKafkaAddress', () => {
  it('reads one host, several, and the port that is usual', () => {
    const bootstrapBrokers = [
      { host: 'a', port: 9092 },
      { host: 'b.example', port: 1 },
      { host: '::1', port: 2 },
    ];
    expect(readKafkaAddress('kafka://a,b.example:1,[::1]:2')).toEqual({ bootstrapBrokers });
  });

  it('reads who signs in and how, over TLS', () => {
    expect(readKafkaAddress('kafkas://me:p%40ss@a:1/?sasl=scram-sha-512')).toEqual({
      bootstrapBrokers: [{ host: 'a', port: 1 }],
      tls: {},
      sasl: { mechanism: 'SCRAM-SHA-512', username: 'me', password: 'p@ss' },
    });
    expect(readKafkaAddress('kafka://me:it@a:1').sasl).toMatchObject({ mechanism: 'PLAIN' });
  });

  it('refuses any other form without repeating it', () => {
    for (const url of [
      'kafka://',
      'kafka://me:secret@',
      'kafka://a b:1',
      'kafka://me:secret@a?sasl=magic',
      'kafka://me:%zz@a',
    ]) {
      expect(() => readKafkaAddress(url)).toThrow(/^CRM_BROKER_URL must be [^%]*$/);
      expect(() => readKafkaAddress(url)).not.toThrow(/secret/);
    }
  });
});
