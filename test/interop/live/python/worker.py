"""
The real Celery's worker, in this process alone: `worker.py <module with app and tasks> <queues>`. Ends at once when the process that
started it is gone.
"""

import importlib
import os
import sys
import threading


def end_with_parent():
    sys.stdin.read()
    os._exit(0)


if __name__ == '__main__':
    threading.Thread(target=end_with_parent, daemon=True).start()
    module, queues = sys.argv[1:]
    app = importlib.import_module(module).app
    app.worker_main(['worker', '--pool=solo', '--queues=' + queues, '--loglevel=INFO', '--without-gossip', '--without-mingle', '--without-heartbeat'])
