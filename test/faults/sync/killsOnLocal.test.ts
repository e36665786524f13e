// The whole graph on its own durable broker, under SIGKILL.
import { CI_SIZE, describeKills } from './describeKills.ts';

describeKills('local', () => undefined, CI_SIZE);
