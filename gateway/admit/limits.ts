// The table of what a request may cost. docs/limits.md is printed from it; each row has a test at the limit and one
// past it. Numbers come from measurements: Customer 360 has 37 expanded selections and depth 7, introspection 230 and 15.

/** One limit: its value, unit, what a request over it gets, and why it is this number. */
export interface Limit {
  readonly value: number;
  readonly unit: string;
  readonly answer: string;
  readonly why: string;
}

export const LIMITS = {
  bodyPackedBytesMax: {
    value: 262_144,
    unit: 'bytes',
    answer: '413 BODY_TOO_LARGE',
    why: 'counted while streaming; a whole document and its variables fit four times',
  },
  bodyBytesMax: {
    value: 1_048_576,
    unit: 'bytes after unpacking',
    answer: '413 BODY_TOO_LARGE',
    why: 'a 44 KB gzip body unpacks to 45 MB',
  },
  headersTimeoutMs: {
    value: 5_000,
    unit: 'ms to send the headers',
    answer: '408 REQUEST_TIMEOUT',
    why: 'dripping headers hold a socket',
  },
  bodyTimeoutMs: {
    value: 10_000,
    unit: 'ms to send the body',
    answer: '408 REQUEST_TIMEOUT',
    why: 'a dripping body holds a socket',
  },
  headerCountMax: { value: 64, unit: 'headers', answer: '431 HEADERS_TOO_LARGE', why: 'browsers send about 20' },
  headerBytesMax: { value: 16_384, unit: 'bytes', answer: '431 HEADERS_TOO_LARGE', why: "Node's own default" },
  documentCharactersMax: {
    value: 32_000,
    unit: 'characters',
    answer: '400 OPERATION_TOO_LARGE',
    why: 'checked before anything reads the document',
  },
  documentTokensMax: {
    value: 4_000,
    unit: 'tokens',
    answer: '400 OPERATION_TOO_LARGE',
    why: 'counted before parsing; introspection has about 300',
  },
  depthMax: {
    value: 20,
    unit: 'levels of selections, fragments expanded',
    answer: '400 OPERATION_TOO_LARGE',
    why: 'braces are counted before parsing: 3,000 levels broke the stack',
  },
  literalDepthMax: {
    value: 10,
    unit: 'levels of lists and objects in an argument',
    answer: '400 OPERATION_TOO_LARGE',
    why: 'the same as for variables',
  },
  expandedSelectionsMax: {
    value: 400,
    unit: 'fields and inline fragments, named fragments expanded',
    answer: '400 OPERATION_TOO_LARGE',
    why: 'planning costs 0.1 to 0.3 ms of CPU each; 1,150 bytes can expand to 3.1 million',
  },
  costMax: {
    value: 5_000,
    unit: 'cost points, estimated before planning (docs/cost.md)',
    answer: '400 OPERATION_TOO_LARGE',
    why: 'a page of 100 customers with ten orders of five lines each; the dearest golden query has 201',
  },
  registeredSelectionsMax: {
    value: 5_000,
    unit: 'the same, in an operation of a manifest',
    answer: '400 OPERATION_TOO_LARGE',
    why: 'the operator has read it, and it is planned once; of characters, tokens, aliases and directives it may have ten times as many as others',
  },
  aliasesMax: {
    value: 30,
    unit: 'aliases',
    answer: '400 OPERATION_TOO_LARGE',
    why: 'each repeats the work of a field',
  },
  rootFieldsMax: { value: 20, unit: 'root fields', answer: '400 OPERATION_TOO_LARGE', why: 'each is a fetch or more' },
  directivesMax: { value: 50, unit: 'directives', answer: '400 OPERATION_TOO_LARGE', why: 'conditions split plans' },
  variablesBytesMax: { value: 65_536, unit: 'bytes', answer: '400 VARIABLES_TOO_LARGE', why: '100 items of an upsert' },
  variablesDepthMax: { value: 10, unit: 'levels', answer: '400 VARIABLES_TOO_LARGE', why: 'segment rules nest' },
  variablesListMax: {
    value: 1_000,
    unit: 'elements',
    answer: '400 VARIABLES_TOO_LARGE',
    why: 'batches take 100 items',
  },
  operationsExecutingMax: {
    value: 8,
    unit: 'operations with a turn; whenever the loop has nothing to do, one more is let in',
    answer: 'they wait',
    why: 'more at once only makes all of them slower (10 to 40 % of the throughput) and their answers, coming together, hold the loop up; with fewer, equal queries meet and share less often',
  },
  requestsInFlightMax: {
    value: 1_000,
    unit: 'requests, with a turn or past it',
    answer: 'they wait',
    why: 'each holds what was fetched for it; a hanging subgraph holds 320 (its sockets and waiting fetches), and three of them must leave room for others',
  },
  requestsWaitingMax: {
    value: 400,
    unit: 'requests',
    answer: '503 OVERLOADED with Retry-After',
    why: 'two seconds of work; whoever comes later is told at once',
  },
  requestWaitMsMax: {
    value: 2_000,
    unit: 'ms that the first one who waits has waited',
    answer: '503 OVERLOADED with Retry-After to whoever would wait too',
    why: 'an answer that begins later has little of its 10 s left; a queue that is short in number can be long in time',
  },
  loopDelayMsMax: {
    value: 100,
    unit: 'ms that the event loop is late by its own work (90th percentile over one second)',
    answer: 'only a quarter as many wait, 503 OVERLOADED with Retry-After to the others, until it is below the half',
    why: 'what is late by so much has more to do than it can; nobody is refused who can be let in at once',
  },
  socketsPerSubgraphMax: { value: 64, unit: 'connections', answer: 'fetches wait', why: 'two per core and pool slot' },
  fetchesWaitingMax: {
    value: 256,
    unit: 'fetches a subgraph',
    answer: 'SUBGRAPH_BUSY on that part',
    why: 'a slow subgraph must not hold the others up',
  },
  representationsMax: { value: 500, unit: 'entities a call', answer: 'split', why: 'the size of a batch of keys' },
  answerBytesMax: {
    value: 4_194_304,
    unit: 'bytes of a subgraph answer',
    answer: 'SUBGRAPH_BAD_ANSWER on that part',
    why: '60 MB took 10 s and 361 MB of memory',
  },
  responseBytesMax: {
    value: 8_388_608,
    unit: 'bytes of the whole answer',
    answer: '400 ANSWER_TOO_LARGE',
    why: 'a page of 100 with all its parts has about 1 MB',
  },
  answerStalledMs: {
    value: 2_000,
    unit: 'ms in which the client takes no byte of its answer',
    answer: 'the connection is closed, by the second look at the latest',
    why: 'answers of up to 2 MB lie in the system by then; what does not holds its memory here',
  },
  answerTakenMs: {
    value: 10_000,
    unit: "ms after the request's time to take the answer",
    answer: 'the connection is closed',
    why: 'a client that takes a little every second would hold 8 MB for hours; the largest answer needs 6 Mbit/s',
  },
  errorsPerFetchMax: {
    value: 200,
    unit: 'errors of one failed fetch',
    answer: 'the last one counts the rest',
    why: 'a failed fetch may belong to hundreds of entities',
  },
  planTimeoutMs: {
    value: 2_000,
    unit: 'ms to plan an operation',
    answer: '400 OPERATION_UNPLANNABLE',
    why: 'planning runs in a thread of its own, which is replaced then: five fields have kept the planner busy for ever; who asks for it pays the whole estimate',
  },
  plansWaitingMax: {
    value: 200,
    unit: 'operations that wait to be planned',
    answer: '503 OVERLOADED with Retry-After',
    why: 'they are planned one after the other',
  },
  streamsPerCallerMax: {
    value: 2_500,
    unit: 'streams of one caller in a process, and as many WebSockets',
    answer: '429 RATE_LIMITED with Retry-After',
    why: 'one application may hold those of all its users; each costs memory here and work with every event',
  },
  streamsMax: {
    value: 10_000,
    unit: 'streams in a process',
    answer: '503 OVERLOADED with Retry-After',
    why: 'an idle one costs 20 to 60 KB',
  },
  streamsCatchingUpMax: {
    value: 64,
    unit: 'streams that read the broker by themselves, to go on where their client left',
    answer: '503 OVERLOADED with Retry-After',
    why: 'each reads all events since then; who left a moment ago is not among them',
  },
  streamWaitingMax: {
    value: 1_000,
    unit: 'events that wait for the reader of a stream',
    answer: 'it ends with STREAM_TOO_SLOW and a resumeId',
    why: 'what waits holds memory; nothing is left out in the middle',
  },
  streamMessageBytesMax: {
    value: 1_048_576,
    unit: 'bytes of a message',
    answer: 'it ends with ANSWER_TOO_LARGE',
    why: 'a message lies here until its reader took it, for each of thousands',
  },
  streamPointsMax: {
    value: 500,
    unit: 'cost points of a message, estimated when the stream begins',
    answer: '400 OPERATION_TOO_LARGE',
    why: 'it is charged with every event; an entity with two pages of ten beneath it has about 100',
  },
  streamRunsMax: {
    value: 8,
    unit: 'events that are run at once, for all streams',
    answer: 'they wait',
    why: 'events come at the rate of all that changes: they must leave room for requests',
  },
  streamPlacesKept: {
    value: 20_000,
    unit: 'of the newest events, kept to go on from',
    answer: 'older ones are read from the broker',
    why: 'about 10 MB; 100 seconds at 200 events a second',
  },
  streamBeatMs: {
    value: 15_000,
    unit: 'ms between two signs of life on a stream',
    answer: 'a comment, an empty part or a ping',
    why: 'proxies close what is silent for 30 to 60 s',
  },
  streamStalledMs: {
    value: 60_000,
    unit: 'ms in which the reader of a stream takes nothing of what is sent',
    answer: 'the connection is closed',
    why: 'a phone in a tunnel comes back; what never does is found by it',
  },
  socketInitMs: {
    value: 3_000,
    unit: 'ms from a WebSocket to its connection_init',
    answer: 'close 4408',
    why: 'a socket of nobody holds memory',
  },
  socketMessageBytesMax: {
    value: 131_072,
    unit: 'bytes of a WebSocket message of the client',
    answer: 'close 1009',
    why: 'the largest document and variables fit',
  },
  socketMessagesPerSecond: {
    value: 100,
    unit: 'messages a second on one WebSocket',
    answer: 'close 1008',
    why: 'a ping costs the client nothing and the gateway an answer',
  },
  socketOperationsMax: {
    value: 50,
    unit: 'operations at once on one WebSocket',
    answer: 'RATE_LIMITED on that operation',
    why: 'a page follows a handful of things',
  },
  plansMax: { value: 2_000, unit: 'plans and documents kept', answer: 'the oldest goes', why: 'about 30 MB' },
} as const satisfies Record<string, Limit>;
