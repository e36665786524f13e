// The whole graph on a real Kafka, under SIGKILL.
import { startKafka } from '../../../scripts/startKafka.ts';
import { describeKills, SMALL_SIZE } from './describeKills.ts';

const START_MS_MAX = 200_000;
const server = await startKafka();

describeKills('kafka', () => ({ url: server.url, killAndRevive: () => server.restart() }), SMALL_SIZE);

afterAll(() => server.stop(), START_MS_MAX);
