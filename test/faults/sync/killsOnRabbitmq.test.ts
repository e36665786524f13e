// The whole graph on a real Rabbitmq, under SIGKILL.
import { startRabbitmq } from '../../../scripts/startRabbitmq.ts';
import { describeKills, SMALL_SIZE } from './describeKills.ts';

const START_MS_MAX = 200_000;
const server = await startRabbitmq();

describeKills('rabbitmq', () => ({ url: server.url, killAndRevive: () => server.restart() }), SMALL_SIZE);

afterAll(() => server.stop(), START_MS_MAX);
