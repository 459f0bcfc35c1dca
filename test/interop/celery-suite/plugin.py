"""
What lets pytest run Celery's own integration tests here: tests are shared out between processes, none takes for ever or leaves anything
behind, each end is written down, and a worker that is no Python process stands in for Celery's where the environment says so.
"""

import json
import os
import signal
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from urllib.request import Request, urlopen

import pytest

FOLDER = os.environ['SUITE_FOLDER']
SQS = os.environ['SUITE_SQS']
OUR_WORKER = os.environ.get('SUITE_WORKER') == 'ours'

# Seconds a test may take, and those that may take more, or would only wait in vain for what SQS does not carry.
LIMIT = 30
LIMITS = {
    'test_retry': 90,
    'test_large_group': 60,
    'test_large_header': 60,
    'test_chain_to_a_chord_with_large_header': 60,
    'test_enabling_flag_allow_error_cb_on_chord_header': 90,
    'test_disabling_flag_allow_error_cb_on_chord_header': 120,
    'test_flag_allow_error_cb_on_chord_header_on_upgraded_chord': 90,
    'test_error_propagates_from_chord': 10,
    'test_revoked_by_headers_complex_canvas': 10,
}
# How long a test's last tasks are given before they are dropped.
IDLE_SECONDS = 3

with open(os.path.join(FOLDER, 'plan.json')) as file:
    PLAN = json.load(file)


def pytest_configure():
    from celery.contrib.testing import worker
    from celery.contrib.testing.manager import ManagerMixin

    # It asks the workers by remote control, which SQS does not carry.
    ManagerMixin.wait_until_idle = lambda self: None
    if OUR_WORKER:
        worker.start_worker = no_python_worker
        server = Server(('127.0.0.1', int(os.environ['SUITE_LISTENER'].rsplit(':', 1)[1])), Listener)
        Thread(target=server.serve_forever, daemon=True).start()


@contextmanager
def no_python_worker(app, **_):
    """Ours runs already, as another process."""
    yield None


class Server(ThreadingHTTPServer):
    request_queue_size = 128


class Listener(BaseHTTPRequestHandler):
    """Passes on what tests look for in the process of Celery's worker."""

    def do_POST(self):
        from celery.signals import task_received
        from celery.worker import state

        told = json.loads(self.rfile.read(int(self.headers['content-length'])))
        nesting = told['headers'].get('replaced_task_nesting') or 0
        request = SimpleNamespace(task_name=told['task'], replaced_task_nesting=nesting, **told)
        if request.what == 'success':
            state.successful_requests.add(request.id)
        else:
            # A test may set what it looks at after it has sent, and counts on the worker to take longer than that.
            time.sleep(0.01)
            task_received.send(sender=None, request=request)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """The longest first, so that no process is left with them at the end."""
    took = PLAN['seconds']
    items.sort(key=lambda item: -took.get(short(item.nodeid), 0))
    if PLAN['quick'] is not None:
        long = [item for item in items if took.get(short(item.nodeid), 0) > PLAN['quick']]
        config.hook.pytest_deselected(items=long)
        items[:] = items[len(long):]
    for module in {item.module for item in items}:
        make_quicker(module)


def make_quicker(module):
    if not hasattr(module, 'await_redis_echo'):
        return
    # A ping goes by remote control, which SQS does not carry; what comes after it is worth a test.
    module.assert_ping = lambda manager: None
    wait = module.await_redis_echo

    def wait_less(expected, redis_key='redis-echo', timeout=60):
        """Ten seconds are for what must not come."""
        return wait(expected, redis_key, 3 if timeout == 10 else timeout)

    module.await_redis_echo = wait_less


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """As pytest's own, save that a test is run by whichever process takes it first, and once more when it failed."""
    if session.testsfailed and not session.config.option.continue_on_collection_errors:
        raise session.Interrupted('collecting failed')
    if session.config.option.collectonly:
        return True
    mine = taken(session.items)
    item = next(mine, None)
    while item is not None:
        following = next(mine, None)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        test = short(item.nodeid)
        if test in reasons and test not in PLAN['once']:
            del reasons[test], seconds[test]
            tries[test] = 2
            item._initrequest()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        item = following
    return True


def taken(items):
    for item in items:
        claim = os.path.join(FOLDER, 'claims', item.nodeid.replace('/', '|'))
        try:
            os.close(os.open(claim, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            continue
        yield item


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_call(item):
    """Ends a test that waits too long, and again what it goes on to wait for."""
    limit = LIMITS.get(item.name, LIMIT)

    def ring(*_):
        pytest.fail('still waiting after %g s' % limit, pytrace=False)

    with signals_as_before():
        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, limit, 2)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            leave_nothing()


@contextmanager
def signals_as_before():
    """A test that fails keeps its observers alive, and they would look at the next test's tasks."""
    from celery.signals import before_task_publish, task_received

    watched = [(sig, list(sig.receivers or ())) for sig in (before_task_publish, task_received)]
    try:
        yield
    finally:
        for sig, receivers in watched:
            sig.receivers = receivers
            sig.sender_receivers_cache.clear()


def leave_nothing():
    """Lets the test's last tasks end; what is left then is dropped, the attempts of long ago among them."""
    give_up_at = time.monotonic() + IDLE_SECONDS
    while waiting_messages() > 0:
        if time.monotonic() > give_up_at:
            sqs('PurgeQueue', {'QueueUrl': SQS + '/000000000000/celery'})
            return
        time.sleep(0.05)


def waiting_messages():
    with urlopen(SQS + '/_fauxqs/queues/celery') as answer:
        found = json.load(answer)['messages']
    return sum(len(found[place]) for place in ('ready', 'delayed', 'inflight'))


def sqs(action, body):
    headers = {'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.' + action}
    with urlopen(Request(SQS, json.dumps(body).encode(), headers)):
        pass


# By test: its first failure, its duration, how often it was run.
reasons = {}
seconds = {}
tries = {}


def pytest_runtest_logreport(report):
    """One line a test. What its parts say comes first, for the whole says only how many parts failed."""
    test = short(report.nodeid)
    seconds[test] = seconds.get(test, 0) + (report.duration if is_whole(report) else 0)
    if report.failed:
        reasons.setdefault(test, first_line(report))
    if not is_whole(report) or not (report.when == 'call' or report.outcome != 'passed'):
        return
    line = {'test': test, 'outcome': outcome_of(report), 'reason': reason_of(test, report), 'seconds': round(seconds[test], 1)}
    write({**line, 'tries': tries.get(test, 1)})


def is_whole(report):
    return type(report).__name__ == 'TestReport'


def outcome_of(report):
    if hasattr(report, 'wasxfail'):
        return 'xpassed' if report.passed else 'xfailed'
    return 'error' if report.failed and report.when != 'call' else report.outcome


def reason_of(test, report):
    if report.skipped and isinstance(report.longrepr, tuple):
        return str(report.longrepr[2])
    return reasons.get(test, '')


def first_line(report):
    crash = getattr(report.longrepr, 'reprcrash', None)
    lines = (crash.message if crash is not None else str(report.longrepr)).strip().splitlines()
    return lines[0][:200] if lines else ''


def short(nodeid):
    """`test_canvas.py::test_chain::test_simple_chain`"""
    return nodeid.removeprefix('t/integration/')


def write(line):
    with open(os.path.join(FOLDER, 'outcomes.jsonl'), 'a') as file:
        file.write(json.dumps(line) + '\n')
