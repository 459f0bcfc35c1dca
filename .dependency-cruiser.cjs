/** The floors, bottom first: a file imports its own folder and the floors below it. Type-only imports count. */
const floors = [
  [
    '(errors|states|clock|timers|logger|kept|node-crypto|all-ended|coalesce|turns|nearest|aws-sdk|aws-failures|redis-client|redis-connection|redis-failures|redis-script)\\.ts',
  ],
  ['wire/'],
  [
    'transports/(transport|message-bytes)\\.ts',
    'backends/backend\\.ts',
    'ledgers/ledger\\.ts',
    'schedulers/(scheduler|schedule-name)\\.ts',
    'signing/',
    'large-messages/(?!s3)',
  ],
  ['results/'],
  ['canvas/'],
  ['app/'],
  ['worker/'],
  ['lambda/', 'poller/', 'transports/', 'backends/', 'ledgers/', 'schedulers/', 'large-messages/s3', 'testing/', 'local/', 'index\\.ts'],
];
const up = floors.slice(0, -1).map((floor, index) => ({
  name: `no-way-up-from-floor-${index}`,
  severity: 'error',
  from: { path: floor.map((path) => `^src/${path}`) },
  to: {
    path: '^src/',
    pathNot: floors
      .slice(0, index + 1)
      .flat()
      .map((path) => `^src/${path}`),
  },
}));

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    ...up,
    {
      name: 'aws-at-the-edge',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: '^src/(transports/sqs/|ledgers/dynamodb|backends/(dynamodb|s3)|large-messages/s3|schedulers/eventbridge|local/)',
      },
      to: { path: 'node_modules/@aws-sdk|^@aws-sdk' },
    },
    {
      name: 'no-edge-imports-another',
      severity: 'error',
      from: { path: '^src/(lambda|poller|backends|transports|ledgers|schedulers)/' },
      to: {
        path: '^src/(lambda|poller|backends|transports|ledgers|schedulers|testing|local)/',
        pathNot: ['^src/$1/', 'transports/transport\\.ts$', 'backends/backend\\.ts$', 'ledgers/ledger\\.ts$', 'schedulers/scheduler\\.ts$'],
      },
    },
    {
      name: 'testing-and-local-take-events-only',
      severity: 'error',
      from: { path: '^src/(testing|local)/' },
      to: {
        path: '^src/(lambda|poller|backends|transports|ledgers|schedulers|testing|local)/',
        pathNot: [
          '^src/$1/',
          '^src/lambda/event\\.ts$',
          'transports/transport\\.ts$',
          'backends/backend\\.ts$',
          'ledgers/ledger\\.ts$',
          'schedulers/scheduler\\.ts$',
          '^src/transports/memory\\.ts$',
        ],
      },
    },
    {
      name: 'nothing-of-middy-in-src',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: 'node_modules/@middy|^handlers/|^infra/|^test/' },
    },
    {
      name: 'few-node-built-ins-below-the-edges',
      severity: 'error',
      from: {
        path: '^src/(errors|states|clock|timers|logger|kept|node-crypto|all-ended|coalesce|turns|nearest|aws-sdk|aws-failures|redis-client|redis-connection|redis-failures|redis-script|wire|signing|results|canvas|app|worker)',
        pathNot: '^src/app/current\\.ts$',
      },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|zlib|buffer)$' },
    },
    {
      name: 'handlers-use-what-is-exported',
      severity: 'error',
      from: { path: '^(handlers|docs/examples)/' },
      to: { path: '^src/', dependencyTypesNot: ['aliased'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
  },
};
