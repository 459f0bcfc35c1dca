"""Celery's Redis backend for the TypeScript side: one expression a line in, one answer a line out, each call in a thread of its own."""

import json
import os
import sys
import threading
import traceback

from celery import VERSION, Celery, canvas, states
from celery.app.task import Context
from celery.result import AsyncResult, GroupResult

REDIS = sys.argv[1]


def create_app(name, prefix=None, **settings):
    options = {'global_keyprefix': prefix} if prefix else {}
    options.update(settings.pop('options', {}))
    made = Celery(name, broker='memory://', backend=REDIS, set_as_current=False)
    made.conf.update(result_backend_transport_options=options, result_chord_join_timeout=2.0, **settings)
    return made


app = create_app('plain')
prefixed = create_app('prefixed', 'team')
unordered = create_app('unordered', options={'result_chord_ordered': False})
compressed = {name: create_app(name, result_compression=name) for name in ('gzip', 'brotli', 'zstd')}

# Before, a part that runs again may count twice, and results are not compressed.
is_modern = VERSION[:2] >= (5, 7)

sent = []
canvas.Signature.delay = lambda self, results: sent.append([self.options.get('task_id'), results])


class Failed(Exception):
    pass


def tuples(value):
    return [tuples(item) for item in value] if isinstance(value, (list, tuple)) else value


def store(task_id, value, state=states.SUCCESS, by=app):
    by.backend.store_result(task_id, value, state)


def get(task_id, by=app):
    return AsyncResult(task_id, app=by).get(timeout=10)


def state(task_id, by=app):
    return AsyncResult(task_id, app=by).state


def save_group(group_id, *ids):
    GroupResult(group_id, [AsyncResult(i, app=app) for i in ids], app=app).save()


def restore_group(group_id, by=app):
    return tuples(GroupResult.restore(group_id, app=by).as_tuple())


def begin(group_id, header, by=app):
    """A chord as a Python client notes it."""
    results = [GroupResult(m[0], [AsyncResult(i, app=by) for i in m[1]], app=by) if isinstance(m, list) else AsyncResult(m, app=by) for m in header]
    body = by.signature('body')
    by.backend.apply_chord((group_id, results), body)
    by.backend.set_chord_size(group_id, sum(len(m[1]) if isinstance(m, list) else 1 for m in header))


def part(group_id, task_id, index, result, state=states.SUCCESS, by=app):
    """A part as a Python worker ends it."""
    body = by.signature('body', task_id='body-' + group_id)
    body.options['link_error'] = []
    request = Context(id=task_id, group=group_id, group_index=index, chord=dict(body), task='part')
    by.backend.store_result(task_id, result, state)
    by.backend.on_chord_part_return(request, state, result)


def grow(group_id, task_id):
    app.backend.add_to_chord(group_id, AsyncResult(task_id, app=app))


def sent_for(group_id):
    return [results for task_id, results in sent if task_id == 'body-' + group_id]


def failed_for(group_id, by=app):
    handle = AsyncResult('body-' + group_id, app=by)
    return [handle.state, type(handle.result).__name__, str(handle.result)]


def keys(group_id, by=app):
    found = by.backend.client.keys('*' + group_id + '*')
    return sorted(key.decode()[len('celery-taskset-meta-') + len(group_id):] for key in found if b'taskset' in key)


def main():
    answers = os.fdopen(os.dup(1), 'w', buffering=1)
    sys.stdout = sys.stderr
    lock = threading.Lock()

    def answer(call):
        try:
            text = json.dumps({'id': call['id'], 'value': eval(call['python'], globals())})
        except Exception:
            text = json.dumps({'id': call['id'], 'error': traceback.format_exc()})
        with lock:
            answers.write(text + '\n')

    for line in sys.stdin:
        threading.Thread(target=answer, args=(json.loads(line),), daemon=True).start()


if __name__ == '__main__':
    main()
