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
      AlreadyRegistered AsyncResult BackendGetError BackendStoreError CeleryError ContentDisallowed Decimal DecodeError
      EncodeError Ignore ImproperlyConfigured InvalidEvent InvalidTaskError MessageTooLarge NotRegistered OperationalError
      PyDate PyDateTime PyTime QueueNotFound Reject RemoteError Signature TaskRevokedError TimeoutError Uuid createApp
      createJsonLogger isCeleryError silentLogger states systemClock`,
    types: `
      AnySignature AnyTask App ApplyOptions Args Clock Connection DecodeCode Delivery GetOptions Inbox InvalidTaskCode Limits
      LogLine Logger MessageAttribute MessageAttributes Outgoing Receipt ReceiveOptions ResultBackend RetryPolicy Route
      RouteTable Router Routes Settings Task TaskArgs TaskContext TaskDefaults TaskKwargs TaskOptions TaskRef TaskRequest
      TaskResult Transport`,
  },
  './wire': {
    values: `
      DEFAULT_LIMITS Decimal EMPTY_EMBED PyDate PyDateTime PyTime Uuid argsRepr bodyBytes bodyText compress createCodecs
      decodeBase64 decodeException decodeOuter decompress encodeBase64 encodeException formatIso isBytes isPyValue jsonCodec
      kwargsRepr openEnvelope parseIso readJson readMessage readResult readSignature saferepr sealEnvelope toFields
      toResultDocument writeJson writeMessage writeResult writeSignature`,
    types: `
      Codec CodecOptions Codecs Compression Decoder Decoders DeliveryInfo Embed EncodeOptions EncodedException Encoders
      Envelope ExceptionFields
      JsonReadLimits JsonWriteOptions Properties PyValue ReadLimits ReadOptions ReprOptions ResultDocument ResultFields
      ResultTuple SignatureData TaskFields TaskHeaders TaskMessage ValueKind WriteOptions`,
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
      allAcknowledged createEagerTransport createLambdaContext createSqsEvent createSqsRecord transportSuite`,
    types: `
      EagerOptions EagerRun EagerTransport RecordOptions TransportCase TransportUnderTest`,
  },
  './local': {
    values: `
      createEventSourceMapping startLambda startLocalSqs`,
    types: `
      EventSourceMapping EventSourceMappingOptions FunctionResponseType InvokeResult LambdaLogLine LambdaOptions LocalLambda
      LocalSqs LocalSqsEvent LocalSqsOptions LocalSqsRecord LocalSqsRecordAttribute MappingEvent PeekedMessage QueueDefinition
      QueueDepth`,
  },
  './transports/sqs': {
    values: `
      createSqsTransport toSqsName`,
    types: `
      PredefinedQueue QueueOptions SqsClient SqsClientOptions SqsCredentials SqsTransport SqsTransportOptions`,
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
      MemoryBackend`,
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
    (flags & ts.SymbolFlags.Value ? values : types).push(symbol.name);
  }
  return { values: values.sort(), types: types.sort() };
}

it('the package has these subpaths', () => {
  expect(subpaths.map(([subpath]) => subpath)).toEqual(Object.keys(EXPORTS));
});

it.each(subpaths)('%s exports what is listed here', (subpath, file) => {
  const { values = '', types = '' } = EXPORTS[subpath] ?? {};
  expect(exportsOf(file)).toEqual({ values: words(values), types: words(types) });
});
