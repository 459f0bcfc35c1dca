"""The real Celery's side: its apps, and stubs of the tasks that run in TypeScript. Where things are is told by the environment."""

import os

from celery import Celery


def create_app(name, **changed):
    """An app on the loopback SQS whose results are files; `transport` in `changed` holds transport options."""
    transport = {'region': 'us-east-1', 'wait_time_seconds': 1, 'polling_interval': 0, **changed.pop('transport', {})}
    made = Celery(name, broker='sqs://any:any@%s//' % os.environ['INTEROP_SQS'], backend=os.environ['INTEROP_RESULTS'])
    made.conf.update(
        broker_transport_options=transport,
        task_default_queue='py',
        task_routes={'live.*': {'queue': 'ts'}, 'proj.*': {'queue': 'celery'}},
        broker_connection_retry_on_startup=True,
        worker_hijack_root_logger=False,
        result_extended=True,
        **changed,
    )
    return made


app = create_app('interop')


@app.task(name='live.inspect')
def inspect(*args, **kwargs):
    """Runs in TypeScript: gives its arguments back."""


@app.task(name='live.subtract')
def subtract(x, y):
    """Runs in TypeScript: x - y."""


@app.task(name='live.fail')
def fail(kind):
    """Runs in TypeScript: throws."""


@app.task(name='live.unread', ignore_result=True)
def unread():
    """Runs in TypeScript: stores no result."""
