// A log of messages in memory, for simulation and tests: what it took it keeps for as long as the process lives.
import { drawId } from '../../../platform/random.ts';
import { partitionOf, type GroupPlace, type LogStore } from './logStore.ts';
import { LogTail } from './logTail.ts';

/** Takes how many entries are kept at most; gives an empty log. It drops old ones a tenth at a time. */
export function openMemoryLogStore(entriesMax: number): LogStore {
  const tail = new LogTail({ entriesMax, charactersMax: Infinity }, 0);
  const places = new Map<string, GroupPlace>();
  let headSeq = 0;
  return {
    id: drawId(),
    headSeq: () => headSeq,
    trimmedSeq: () => tail.trimmedSeq,
    append(messages) {
      const entries = messages.map(({ topic, key, value }) => {
        headSeq += 1;
        return { topic, key, value, partition: partitionOf(key), seq: headSeq };
      });
      tail.append(entries);
      return entries;
    },
    readPartition: (topic, partition, afterSeq, max) => tail.readPartition(`${topic}/${partition}`, afterSeq, max),
    readTopics: (topics, afterSeq, max) => tail.readTopics(topics, afterSeq, max),
    placesOf: (group) => [...places.values()].filter((place) => place.group === group),
    keepPlace: (place) => void places.set(`${place.group}\n${place.topic}/${place.partition}`, place),
  };
}
