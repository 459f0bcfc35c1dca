"""The real Celery's worker, in this process alone. Ends at once when the process that started it is gone."""

import os
import sys
import threading

import tasks  # registers them
from apps import app


def end_with_parent():
    sys.stdin.read()
    os._exit(0)


if __name__ == '__main__':
    threading.Thread(target=end_with_parent, daemon=True).start()
    app.worker_main(['worker', '--pool=solo', '--queues=py,py.fifo', '--loglevel=INFO', '--without-gossip', '--without-mingle', '--without-heartbeat'])
