/** The worker's tasks as the demo's sender knows them: name and type of each, and none of their code. */

import type * as worker from '../../handlers/tasks.ts';
import type { App } from '../../src/index.ts';

/** References to send by; what is called `notDeployed` no worker has, and `outdatedMul` is a caller's stale idea of `mul`. */
export function declareTasks(app: App) {
  return {
    add: app.declare<typeof worker.add>('proj.tasks.add'),
    mul: app.declare<typeof worker.mul>('proj.tasks.mul'),
    xsum: app.declare<typeof worker.xsum>('proj.tasks.xsum'),
    echo: app.declare<typeof worker.echo>('proj.tasks.echo'),
    greet: app.declare<typeof worker.greet>('proj.tasks.greet'),
    report: app.declare<typeof worker.report>('proj.tasks.report'),
    slow: app.declare<typeof worker.slow>('proj.tasks.slow'),
    fail: app.declare<typeof worker.fail>('proj.tasks.fail'),
    flaky: app.declare<typeof worker.flaky>('proj.tasks.flaky'),
    auto: app.declare<typeof worker.auto>('proj.tasks.auto'),
    poison: app.declare<typeof worker.poison>('proj.tasks.poison'),
    outdatedMul: app.declare<[x: number], number>('proj.tasks.mul'),
    notDeployed: app.declare<[n: number], number>('proj.tasks.not_deployed'),
  };
}

export type Tasks = ReturnType<typeof declareTasks>;
