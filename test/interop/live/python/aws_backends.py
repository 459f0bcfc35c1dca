"""Celery's own DynamoDB and S3 backends on loopback, for the TypeScript side to call by way of peer.py: `aws_backends.stored(...)`."""

import os

os.environ.setdefault('AWS_ACCESS_KEY_ID', 'test')
os.environ.setdefault('AWS_SECRET_ACCESS_KEY', 'test')

from celery import Celery
from celery.app.task import Context
from celery.result import AsyncResult, GroupResult
from celery.signals import before_task_publish

apps = {}
#: What was published, as [task id, args].
published = []


def connect(dynamodb, s3, bucket):
    """Apps by the kind of their backend; a broker in memory takes what they publish."""
    kinds = {
        'dynamodb': {'result_backend': 'dynamodb://@%s/celery' % dynamodb},
        'compressed': {'result_backend': 'dynamodb://@%s/celery' % dynamodb, 'result_compression': 'gzip'},
        'expiring': {'result_backend': 'dynamodb://@%s/celery?ttl_seconds=3600' % dynamodb},
        's3': {'result_backend': 's3://', 's3_bucket': bucket, 's3_base_path': 'celery/', 's3_endpoint_url': s3, 's3_region': 'us-east-1',
               's3_access_key_id': 'test', 's3_secret_access_key': 'test'},
    }
    for kind, settings in kinds.items():
        app = Celery(kind, broker='memory://', set_as_current=False)
        app.conf.update(settings, result_chord_join_timeout=1.0)
        for name in ('body', 'errback'):
            app.task(name=name)(nothing)
        apps[kind] = app
    # dynalite has no UpdateTimeToLive.
    apps['expiring'].backend._set_table_ttl = lambda: None
    before_task_publish.connect(note, weak=False)


def nothing(*args):
    pass


def note(headers=None, body=None, **_):
    published.append([headers['id'], body[0]])


def bodies(task_id):
    """The arguments of each publication of this task."""
    return [args for id, args in published if id == task_id]


def store(kind, task_id, result, state='SUCCESS'):
    value = ValueError(*result) if state == 'FAILURE' else result
    apps[kind].backend.store_result(task_id, value, state, traceback='Traceback …' if state == 'FAILURE' else None)


def stored(kind, task_id):
    """A result as AsyncResult shows it."""
    handle = AsyncResult(task_id, app=apps[kind])
    value = handle.result
    if isinstance(value, BaseException):
        value = [type(value).__qualname__, type(value).__module__, list(value.args)]
    return [handle.state, value, handle.traceback, [child.id for child in handle.children or []]]


def got(kind, task_id):
    return AsyncResult(task_id, app=apps[kind]).get(timeout=5, interval=0.05)


def restored(kind, group_id):
    group = GroupResult.restore(group_id, app=apps[kind], backend=apps[kind].backend)
    return group and group.as_tuple()


def save(kind, group_id, task_ids):
    app = apps[kind]
    GroupResult(group_id, [AsyncResult(id, app=app) for id in task_ids], app=app).save(backend=app.backend)


def begin(kind, group_id, task_ids):
    """Notes a chord as its sender does."""
    app = apps[kind]
    app.backend.apply_chord((group_id, [AsyncResult(id, app=app) for id in task_ids]), body(app, group_id))


def body(app, group_id):
    return app.tasks['body'].s().set(task_id='body-' + group_id, link_error=[app.tasks['errback'].si(group_id).set(task_id='errback-' + group_id)])


def part(kind, group_id, task_id, index, result, state='SUCCESS'):
    """Stores and counts a part as a worker does (celery.backends.base.Backend.mark_as_done)."""
    app = apps[kind]
    store(kind, task_id, result, state)
    request = Context(id=task_id, group=group_id, group_index=index, chord=body(app, group_id), errbacks=None)
    app.backend.on_chord_part_return(request, state, result)
