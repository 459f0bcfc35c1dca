"""The tasks of the real Celery's worker. Each run leaves a line in a file, for what keeps no result is to be seen as well."""

import json
import os
import time

from celery.signals import task_prerun

from apps import app, inspect as live_inspect

FIELDS = (
    'id', 'task', 'retries', 'root_id', 'parent_id', 'group', 'group_index', 'shadow', 'reply_to', 'correlation_id', 'origin',
    'timelimit', 'eta', 'expires', 'ignore_result', 'argsrepr', 'kwargsrepr', 'stamps', 'stamped_headers', 'headers', 'lang',
    'delivery_info', 'replaced_task_nesting', 'called_directly', 'is_eager',
)


class Refused(Exception):
    """An exception of this module, with two arguments."""


class Outer:
    class Inner(Exception):
        pass


@task_prerun.connect
def record(task, args, kwargs, **_):
    request = task.request
    seen = {name: getattr(request, name, None) for name in FIELDS}
    seen.update(at=time.time(), repr=[repr(list(args)), repr(kwargs)], properties=request.properties)
    with open(os.environ['INTEROP_SEEN'], 'a') as lines:
        lines.write(json.dumps(seen, default=repr) + '\n')


@app.task(name='py.inspect')
def inspect(*args, **kwargs):
    return list(args) if not kwargs else [list(args), kwargs]


@app.task(name='py.subtract')
def subtract(x, y):
    return x - y


@app.task(name='py.fail')
def fail(kind):
    raise {
        'value': lambda: ValueError('boom', 7),
        'key': lambda: KeyError('missing'),
        'own': lambda: Refused('Grüße 🎉', {'code': 5}),
        'nested': lambda: Outer.Inner('inside'),
        'unsendable': lambda: Refused(object, 1),
        'big': lambda: ValueError(2**70, float('nan')),
    }[kind]()


@app.task(name='py.retry', bind=True, max_retries=3)
def retry(self, *args):
    if self.request.retries == 0:
        raise self.retry(countdown=0, exc=ValueError('first'))
    return self.request.retries


@app.task(name='both.pass_on', bind=True, max_retries=3)
def pass_on(self, queues, options=None, cause='passed on'):
    """Goes by these queues, an attempt each, then tells where it ended and after how many retries."""
    retries = self.request.retries
    if retries < len(queues):
        raise self.retry(**{'queue': queues[retries], 'countdown': 0, 'exc': cause and TypeError(cause), **(options or {})})
    return ['Python', retries]


@app.task(name='both.auto', autoretry_for=(TypeError,), max_retries=1, retry_kwargs={'countdown': 1, 'queue': 'ts'})
def auto():
    raise TypeError('attempt in Python')


@app.task(name='both.change', bind=True)
def change(self, x, y):
    if self.request.retries == 0:
        raise self.retry(args=(x + 1,), countdown=1)
    return [x, y]


@app.task(name='py.give_up', bind=True, max_retries=1)
def give_up(self, reason=None):
    raise self.retry(countdown=1, exc=reason and TypeError(reason))


@app.task(name='py.on_error')
def on_error(request, exc, traceback):
    with open(os.environ['INTEROP_SEEN'], 'a') as lines:
        lines.write(json.dumps({'id': 'on_error:' + request.id, 'error': repr(exc)}) + '\n')


@app.task(name='py.parent')
def parent():
    """Sends a task that runs in TypeScript."""
    return live_inspect.delay('from Python').id
