"""Evaluates Python in the app of auth_tasks.py: one expression a line in, one answer a line out."""

import json
import os
import sys
import traceback

from auth_tasks import app


def send(*args, **kwargs):
    return app.send_task('live.echo', args, kwargs, queue='ts').id


def main():
    answers = os.fdopen(os.dup(1), 'w', buffering=1)
    sys.stdout = sys.stderr
    for line in sys.stdin:
        call = json.loads(line)
        try:
            text = json.dumps({'id': call['id'], 'value': eval(call['python'], globals())})
        except Exception:
            text = json.dumps({'id': call['id'], 'error': traceback.format_exc()})
        answers.write(text + '\n')


if __name__ == '__main__':
    main()
