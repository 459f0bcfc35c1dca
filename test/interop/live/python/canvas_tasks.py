"""The tasks of the canvas cases that Python's worker runs, `py.add` and so on. TypeScript runs the same as `ts.add`."""

import itertools
import json
import os
import time

from celery import Celery, chain, chord, group
from celery.exceptions import Ignore
from celery.worker import state

app = Celery('canvas', broker='sqs://any:any@%s//' % os.environ['INTEROP_SQS'], backend=os.environ['INTEROP_RESULTS'])
app.conf.update(
    broker_transport_options={'region': 'us-east-1', 'wait_time_seconds': 1, 'polling_interval': 0},
    task_default_queue='py',
    task_routes={'ts.*': {'queue': 'ts'}, 'py.*': {'queue': 'py'}},
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
)


class Fleet:
    """Tasks by their bare name; each is of the next side."""

    def __init__(self, *sides):
        self.sides = list(sides)
        self.next = itertools.cycle(sides)

    def __getattr__(self, name):
        name = '%s.%s' % (next(self.next), name)
        return app.tasks[name] if name in app.tasks else Elsewhere(name)


class Elsewhere:
    """A task without a stub."""

    def __init__(self, name):
        self.name = name

    def s(self, *args):
        return app.signature(self.name, args)


stubs = []


def task(**options):
    def declare(run):
        app.task(name='py.' + run.__name__, **options)(run)
        stubs.append((run, options))
        return run
    return declare


def declare_stubs():
    """For clients. A worker that had them would call an errback of ours itself."""
    for run, options in stubs:
        app.task(name='ts.' + run.__name__, **options)(run)


def tell(*line):
    with open(os.environ['INTEROP_SEEN'], 'a') as lines:
        lines.write(json.dumps(line) + '\n')


def told(*line):
    with open(os.environ['INTEROP_SEEN']) as lines:
        return any(json.loads(text) == list(line) for text in lines if text.endswith('\n'))


@task()
def add(x, y):
    return x + y


@task()
def mul(x, y):
    return x * y


@task()
def total(numbers):
    return sum(numbers)


@task()
def echo(*args):
    return list(args)


@task()
def nothing():
    pass


@task()
def fail(text):
    raise ValueError(text)


@task(bind=True)
def stamps(self, *_):
    return self.request.stamps


@task(bind=True)
def origin(self, *_):
    """Who sent it."""
    return self.request.origin


@task()
def once(value, name):
    """Tells of each of its runs."""
    tell('once', name)
    return value


@task()
def apologise(task_id):
    """An errback of the old style: it is a task of its own."""
    return 'sorry for ' + task_id


@task()
def hear(request, exc, traceback):
    """An errback of the new style: it is called where the task failed, if it is known there."""
    tell('hear', request.id, str(exc))


@task(bind=True)
def becomes(self, x, sides):
    t = Fleet(*sides)
    return self.replace(chain(t.add.s(x, 1), t.add.s(10)))


@task(bind=True)
def becomes_group(self, x, sides):
    t = Fleet(*sides)
    return self.replace(group(t.add.s(x, 1), t.add.s(x, 2)))


@task(bind=True)
def becomes_chord(self, x, sides):
    t = Fleet(*sides)
    return self.replace(chord([t.add.s(x, 1), t.add.s(x, 2)], t.total.s()))


@task()
def spread(x, sides):
    """Has children: a task and a group."""
    t = Fleet(*sides)
    t.add.s(x, 1).delay()
    group(t.add.s(x, 2), t.add.s(x, 3)).delay()
    return 'spread'


@task(bind=True)
def progress(self, name):
    self.update_state(state='PROGRESS', meta={'done': 1, 'of': 2})
    give_up_at = time.time() + 10
    while not told('go', name) and time.time() < give_up_at:
        time.sleep(0.01)
    return 'done'


@task(bind=True)
def stays(self):
    """Ends in a state of its own."""
    self.update_state(state='HALFWAY', meta=[1, 2])
    raise Ignore()


@task()
def revoke(task_id):
    """Has this worker refuse a task, as a broadcast would."""
    state.revoked.add(task_id)
