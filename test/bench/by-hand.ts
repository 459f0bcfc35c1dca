/** A message of Celery's as one would write it by hand, with nothing imported. */

/** The task of the recorded message. */
export const TASK = 'proj.tasks.add';

export const REPLY_TO = '7245a26a-2de8-3869-8679-41f28a76de43';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** What one would write by hand for a single task and queue: a new id, both base64 layers, nothing that could be asked for. */
export function templateString(args: readonly unknown[], id: string = crypto.randomUUID()): string {
  const body = base64(`[${JSON.stringify(args)}, {}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]`);
  return base64(
    `{"body": "${body}", "content-encoding": "utf-8", "content-type": "application/json", "headers": {"lang": "js", "task": "${TASK}"` +
      `, "id": "${id}", "shadow": null, "eta": null, "expires": null, "group": null, "group_index": null, "retries": 0` +
      `, "timelimit": [null, null], "root_id": "${id}", "parent_id": null, "argsrepr": "", "kwargsrepr": "{}", "origin": "bench"` +
      `, "ignore_result": false, "replaced_task_nesting": 0, "stamped_headers": null, "stamps": {}}, "properties": {"correlation_id": "${id}"` +
      `, "reply_to": "${REPLY_TO}", "delivery_mode": 2, "delivery_info": {"exchange": "", "routing_key": "celery"}, "priority": 0` +
      `, "body_encoding": "base64", "delivery_tag": "${id}"}}`,
  );
}
