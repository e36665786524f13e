// The suite that every adapter of the port `Broker` passes, in the same words for all of them. A broker's own test file
// calls `describeBroker` with how to connect to it and how to start it anew.
import { drawId } from '../../platform/random.ts';
import type { Broker } from './broker.ts';
import type { ConformanceTest } from './conformance/conformanceTest.ts';
import { describeFollowing } from './conformance/following.ts';
import { describeGroups } from './conformance/groups.ts';
import { describePublishing } from './conformance/publishing.ts';
import { describeRestart } from './conformance/restart.ts';

/** How the suite reaches a broker. */
export interface BrokerUnderTest {
  /** Connects anew. */
  readonly open: () => Promise<Broker>;
  /** Ends the broker, without warning where it can, and starts it anew; resolves when it can be reached. */
  readonly restart: () => Promise<void>;
  /** Gives a position of a topic that the broker does not keep any more. */
  readonly openTooOld: (topic: string) => Promise<string>;
}

/** How long one test may take: a real broker shares partitions anew in its own time. */
const TEST_MS_MAX = 150_000;

/** Describes what a broker promises; takes its name, and how it is reached. */
export function describeBroker(name: string, broker: BrokerUnderTest): void {
  describe(`the broker ${name}`, () => {
    const opened: Broker[] = [];
    const test: ConformanceTest = {
      async connect() {
        const connection = await broker.open();
        opened.push(connection);
        return connection;
      },
      restart: () => broker.restart(),
      openTooOld: (topic) => broker.openTooOld(topic),
      drawTopic: () => `outbox.event.Test${drawId().slice(0, 10)}`,
      drawGroup: () => `test-${drawId().slice(0, 10)}`,
    };
    afterEach(async () => {
      for (const connection of opened.splice(0)) await connection.close();
    }, TEST_MS_MAX);
    describePublishing(test, TEST_MS_MAX);
    describeGroups(test, TEST_MS_MAX);
    describeFollowing(test, TEST_MS_MAX);
    describeRestart(test, TEST_MS_MAX);
  });
}
