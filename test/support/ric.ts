/** Whether Lambda's own runtime client is at hand: CELERIAC_RIC_DIR names a folder it is installed in. */

export const ricDir = process.env['CELERIAC_RIC_DIR'];

export type RuntimeUnderTest = readonly [
  name: 'invoker' | 'ric',
  options: { readonly runtime: 'invoker' | 'ric'; readonly ricDir?: string },
];

/** The runtimes to test with; says so when one is left out. */
export function runtimesUnderTest(): readonly RuntimeUnderTest[] {
  const invoker: RuntimeUnderTest = ['invoker', { runtime: 'invoker' }];
  if (ricDir !== undefined && ricDir !== '') return [invoker, ['ric', { runtime: 'ric', ricDir }]];
  process.stdout.write('aws-lambda-ric is not tested: CELERIAC_RIC_DIR names no folder (npm i aws-lambda-ric@4.0.2 --ignore-scripts)\n');
  return [invoker];
}
