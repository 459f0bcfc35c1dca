/** What each subpath of the package exports, as a plain list: whoever changes the public surface changes it here too. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

interface Names {
  readonly values: string;
  readonly types: string;
}

const EXPORTS: Readonly<Record<string, Names>> = {
  '.': {
    values: `
      AlreadyRegistered AsyncResult BackendGetError BackendStoreError CeleryError ChordError Chunks ContentDisallowed Decimal
      DecodeError DuplicateTask EncodeError Ignore ImproperlyConfigured IncompleteStream InvalidEvent InvalidTaskError MaxRetriesExceededError
      MessageTooLarge NotAllSent NotRegistered OperationalError Overtaken PyDate PyDateTime PyTime QueueNotFound Reject RemoteError Retry
      Signature SoftTimeLimitExceeded SyncSubtaskError TaskRevokedError TimeLimitExceeded TimeoutError Uuid chain chord createApp
      createDeadLetters createJsonLogger currentTask group isCeleryError silentLogger states systemClock`,
    types: `
      AnySignature AnyStep AnyTask App ApplyOptions Args ArgsRepr AwsPointer Chain Chained Chord ChordComplete ChordCount ChordJoin ChordPart
      ChordStart ChordStore Clock Connection Control DeadLetter
      DeadLetterFields DeadLetterFilter DeadLetters DeadLettersOptions Deadline DecodeCode Delivery ErrorClass GetOptions
      Group GroupResult GroupStore IdempotentOptions Inbox InvalidTaskCode Keeping LargeMessageName LargeMessages Ledger Limits LogLine Logger Member Members MessageAttribute MessageAttributes Observer Outgoing
      PublishedTask PurgeDeadLetters ReadDeadLetters Receipt ReceiveOptions RedriveDeadLetters ResultBackend ResultBase RetryOptions
      RetryPolicy RevokeOptions Route RouteTable Router Routes Scheduler Sendable SendableTasks Settings SignalName SignalPayloads SigningKey SigningOptions StampingVisitor
      Stamps StateUpdate Step Task TaskArgs TaskContext TaskDefaults TaskKwargs TaskOptions TaskRef TaskRequest TaskResult Transport
      UniqueOptions UnknownTaskAnswer UnknownTaskPolicy`,
  },
  './wire': {
    values: `
      DEFAULT_LIMITS Decimal EMPTY_EMBED PyDate PyDateTime PyTime Uuid argsRepr bodyBytes bodyText compress createCodecs
      decodeBase64 decodeException decodeOuter decompress encodeBase64 encodeException formatIso isBytes isPyValue jsonCodec
      kwargsRepr openEnvelope parseIso readJson readMessage readResult readSignature saferepr sealEnvelope toFields
      toResultDocument writeJson writeMessage writeResult writeSignature`,
    types: `
      Codec CodecOptions Codecs Compression Decoder Decoders DeliveryInfo Embed EncodeOptions EncodedException Encoders
      Envelope ExceptionFields JsonReadLimits JsonWriteOptions Properties PyValue ReadLimits ReadOptions ReprOptions
      ResultDocument ResultFields ResultTuple SignatureData TaskFields TaskHeaders TaskMessage ValueKind WriteOptions`,
  },
  './lambda': {
    values: `
      createHandler`,
    types: `
      HandlerOptions LambdaContext SqsBatchResponse SqsEvent SqsHandler SqsRecord SqsRecordAttribute`,
  },
  './poller': {
    values: `
      createPoller`,
    types: `
      Poller PollerOptions`,
  },
  './testing': {
    values: `
      allAcknowledged backendSuite createEagerTransport createLambdaContext createSqsEvent createSqsRecord ledgerSuite transportSuite`,
    types: `
      BackendCase BackendPart BackendUnderTest EagerOptions EagerRun EagerTransport LedgerCase LedgerUnderTest RecordOptions TransportCase TransportUnderTest`,
  },
  './local': {
    values: `
      createEventSourceMapping startLambda startLocalDynamoDB startLocalScheduler startLocalSqs`,
    types: `
      EventSourceMapping EventSourceMappingOptions FunctionResponseType InvokeResult LambdaLogLine LambdaOptions LocalDynamoDB
      LocalDynamoDBOptions LocalLambda LocalScheduler LocalSchedulerOptions LocalSqs LocalSqsEvent LocalSqsOptions LocalSqsRecord
      LocalSqsRecordAttribute MappingEvent PeekedMessage QueueDefinition QueueDepth`,
  },
  './transports/sqs': {
    values: `
      createSqsTransport toSqsName`,
    types: `
      PredefinedQueue QueueOptions SqsClient SqsClientOptions SqsCredentials SqsTransport SqsTransportOptions`,
  },
  './transports/sqs-fetch': {
    values: `
      createSqsFetchTransport`,
    types: `
      PlaceOptions PredefinedQueue QueueOptions SqsFetchClientOptions SqsFetchCredentialProvider SqsFetchCredentials
      SqsFetchTransportOptions SqsTransport`,
  },
  './transports/memory': {
    values: `
      createMemoryTransport`,
    types: `
      MemoryTransport MemoryTransportOptions StoredMessage`,
  },
  './backends/memory': {
    values: `
      createMemoryBackend`,
    types: `
      MemoryBackend MemoryBackendOptions`,
  },
  './backends/dynamodb': {
    values: `
      createDynamoDBBackend`,
    types: `
      DynamoDBBackend DynamoDBBackendOptions DynamoDBClient DynamoDBClientOptions DynamoDBCredentials LargeResults`,
  },
  './backends/redis': {
    values: `
      createRedisBackend`,
    types: `
      RedisBackend RedisBackendOptions RedisClient RedisClientOptions RedisSubscriber`,
  },
  './backends/s3': {
    values: `
      createS3Backend`,
    types: `
      S3Backend S3BackendOptions S3Client S3ClientOptions S3Credentials`,
  },
  './ledgers/memory': {
    values: `
      createMemoryLedger`,
    types: `
      MemoryLedger`,
  },
  './ledgers/redis': {
    values: `
      createRedisLedger`,
    types: `
      RedisClient RedisClientOptions RedisLedger RedisLedgerOptions RedisSubscriber`,
  },
  './ledgers/dynamodb': {
    values: `
      CommitRefused commitWith createDynamoDBLedger`,
    types: `
      DynamoDBClient DynamoDBCredentials DynamoDBLedger DynamoDBTableOptions RefusedWrite TransactWrite`,
  },
  './large-messages/s3': {
    values: `
      createS3LargeMessages`,
    types: `
      S3Client S3ClientOptions S3Credentials S3LargeMessagesOptions`,
  },
  './large-messages/memory': {
    values: `
      createMemoryLargeMessages`,
    types: `
      MemoryLargeMessages MemoryLargeMessagesOptions`,
  },
  './signing': {
    values: `
      createAuthCodec`,
    types: `
      AuthCodecOptions AuthDigest SignatureCode SignatureFault SigningKey SigningOptions`,
  },
  './schedulers/eventbridge': {
    values: `
      createEventBridgeScheduler`,
    types: `
      EventBridgeScheduler EventBridgeSchedulerOptions SchedulerClient SchedulerClientOptions SchedulerCredentials`,
  },
  './schedulers/memory': {
    values: `
      createMemoryScheduler`,
    types: `
      MemoryScheduler MemorySchedulerOptions`,
  },
};

const root = join(import.meta.dirname, '../..');
const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** Subpath to source file, out of package.json. */
const subpaths = Object.entries(
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, string | { types: string }> }).exports,
).flatMap(([subpath, target]) =>
  typeof target === 'string' ? [] : [[subpath, join(root, target.types.replace('./dist/', 'src/').replace('.d.ts', '.ts'))] as const],
);

const program = ts.createProgram(
  subpaths.map(([, file]) => file),
  {
    allowImportingTsExtensions: true,
    noEmit: true,
    noLib: true,
    types: [],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
  },
);

function exportsOf(file: string): { values: string[]; types: string[] } {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${file} is no module.`);
  const values: string[] = [];
  const types: string[] = [];
  for (const symbol of checker.getExportsOfModule(module)) {
    const { flags } = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    (flags & ts.SymbolFlags.Value && !isTypeOnly(symbol) ? values : types).push(symbol.name);
  }
  return { values: values.sort(), types: types.sort() };
}

/** A class that is exported for its type alone. */
const isTypeOnly = (symbol: ts.Symbol): boolean =>
  symbol.declarations?.some((declaration) => ts.isExportSpecifier(declaration) && declaration.parent.parent.isTypeOnly) === true;

it('the package has these subpaths', () => {
  expect(subpaths.map(([subpath]) => subpath)).toEqual(Object.keys(EXPORTS));
});

it.each(subpaths)('%s exports what is listed here', (subpath, file) => {
  const { values = '', types = '' } = EXPORTS[subpath] ?? {};
  expect(exportsOf(file)).toEqual({ values: words(values), types: words(types) });
});
