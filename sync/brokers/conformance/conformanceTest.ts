// What the parts of the suite share.
import type { Broker } from '../broker.ts';

/** What each test gets: connections that are closed after it, and names of its own. */
export interface ConformanceTest {
  connect(): Promise<Broker>;
  restart(): Promise<void>;
  openTooOld(topic: string): Promise<string>;
  /** A topic that no other test uses. */
  drawTopic(): string;
  drawGroup(): string;
}
