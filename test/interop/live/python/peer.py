"""Evaluates Python for the TypeScript side: one expression a line in, one answer a line out. Ends when its input does."""

import json
import os
import sys
import traceback
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

from celery import chain, chord, group
from celery.result import AsyncResult, GroupResult
from tasks import Refused  # so that Celery finds the class when it rebuilds one

from apps import app, create_app, fail, inspect, subtract, unread

v1 = create_app('protocol1', task_protocol=1)
plain = create_app('plain', transport={'sqs_base64_encoding': False})
plain_body = create_app('plain_body', transport={'body_encoding': None})
predefined = create_app('predefined', transport={'predefined_queues': {'ts': {'url': 'http://%s/000000000000/ts' % os.environ['INTEROP_SQS']}}})


def result(task_id):
    """The handle on a task's result, as Celery has it."""
    return AsyncResult(task_id, app=app)


def got(task_id):
    """The repr of what Celery's own get() returns, at once."""
    return repr(result(task_id).get(timeout=0.1, interval=0.01))


def listed(value):
    """What JSON makes of a value: tuples become lists."""
    if isinstance(value, (list, tuple)):
        return [listed(item) for item in value]
    return {key: listed(item) for key, item in value.items()} if isinstance(value, dict) else value


def error(task_id):
    """What Celery's get() raises, taken apart."""
    handle = result(task_id)
    try:
        handle.get(timeout=0.1, interval=0.01)
    except Exception as raised:
        cls = type(raised)
        return {'state': handle.state, 'type': cls.__qualname__, 'module': cls.__module__, 'args': listed(raised.args), 'traceback': handle.traceback}
    return {'state': handle.state, 'type': None}


def waiting(task_id):
    """What Celery makes of a task that is to be tried again."""
    handle = result(task_id)
    cause = handle.result
    return {
        'state': handle.state,
        'ready': handle.ready(),
        'cause': cause and [type(cause).__qualname__, type(cause).__module__, listed(cause.args)],
        'traceback': handle.traceback,
        'children': listed(handle.children),
        'date_done': handle.date_done and str(handle.date_done),
    }


def rebuilt(document):
    """An encoded exception as Celery's backend rebuilds it."""
    made = app.backend.exception_to_python(document)
    return {'type': type(made).__qualname__, 'module': type(made).__module__, 'args': listed(made.args)}


def plainly(value):
    """A sent task as its id, a sent group as the ids of its members."""
    if isinstance(value, GroupResult):
        return {'id': value.id, 'ids': [child.id for child in value.children]}
    return value.id if isinstance(value, AsyncResult) else value


def main():
    answers = os.fdopen(os.dup(1), 'w', buffering=1)
    sys.stdout = sys.stderr
    for line in sys.stdin:
        call = json.loads(line)
        try:
            answer = {'id': call['id'], 'value': plainly(eval(call['python'], globals()))}
            text = json.dumps(answer)
        except Exception:
            text = json.dumps({'id': call['id'], 'error': traceback.format_exc()})
        answers.write(text + '\n')


if __name__ == '__main__':
    main()
