"""Builds, sends and reads canvases for the TypeScript side: one expression a line in, one answer a line out, several at a time."""

import json
import os
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

from celery import chain, chord, group
from celery.result import AsyncResult, GroupResult, result_from_tuple

from canvas_tasks import Fleet, app, declare_stubs

WAIT = {'timeout': 20, 'interval': 0.05}


def listed(value):
    """What JSON makes of a value: tuples become lists."""
    return [listed(item) for item in value] if isinstance(value, (list, tuple)) else value


def sent(result):
    """A handle as its tuple; a group is saved."""
    if isinstance(result, GroupResult):
        result.save()
    return listed(result.as_tuple())


def run(python, *sides):
    """Sends the canvas that this expression builds of the tasks `t`."""
    return sent(eval(python, {**globals(), 't': Fleet(*sides)}).apply_async())


def linked(canvas, callback):
    canvas.link(callback)
    return canvas


def failing(canvas, errback):
    canvas.link_error(errback)
    return canvas


def stamped(canvas, **stamps):
    canvas.stamp(**stamps)
    return canvas


def outcome(handle):
    """What get() comes to."""
    try:
        return ['value', handle.get(**WAIT)]
    except Exception as error:
        return ['error', type(error).__name__, str(error)]


def read(as_tuple):
    return outcome(result_from_tuple(as_tuple, app))


def parents(as_tuple):
    """The values of a chain's steps, the last first."""
    node, values = result_from_tuple(as_tuple, app), []
    while node is not None:
        values.append(node.get(**WAIT))
        node = node.parent
    return values


def info(task_id):
    handle = AsyncResult(task_id, app=app)
    return [handle.state, handle.info]


def collected(task_id):
    """All values of the tree, its root first."""
    return [value for _, value in AsyncResult(task_id, app=app).collect(**WAIT)]


def restored(group_id):
    return GroupResult.restore(group_id, app=app).join(**WAIT)


def answer(call):
    try:
        return json.dumps({'id': call['id'], 'value': eval(call['python'], globals())})
    except Exception:
        return json.dumps({'id': call['id'], 'error': traceback.format_exc()})


def main():
    answers = os.fdopen(os.dup(1), 'w', buffering=1)
    sys.stdout = sys.stderr
    lock = threading.Lock()

    def tell(done):
        with lock:
            answers.write(done.result() + '\n')

    declare_stubs()
    # A few that stay: each thread has a backend of its own, and handles are made anew where they are read.
    with ThreadPoolExecutor(8) as threads:
        for line in sys.stdin:
            threads.submit(answer, json.loads(line)).add_done_callback(tell)


if __name__ == '__main__':
    main()
