/** './testing': what a user's tests need, and the suites that implementations of a seam pass. */

export { type BackendCase, type BackendPart, type BackendUnderTest, backendSuite } from './backend-suite.ts';
export { allAcknowledged, createEagerTransport, type EagerOptions, type EagerRun, type EagerTransport } from './eager.ts';
export { createLambdaContext, createSqsEvent, createSqsRecord, type RecordOptions } from './events.ts';
export { type LedgerCase, type LedgerUnderTest, ledgerSuite } from './ledger-suite.ts';
export { type TransportCase, type TransportUnderTest, transportSuite } from './transport-suite.ts';
