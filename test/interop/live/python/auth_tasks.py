"""Celery with `setup_security`: an app that signs and checks, its worker's task, and sending from auth_peer.py. Keys are beside INTEROP_SEEN."""

import json
import os

from apps import create_app

FOLDER = os.path.dirname(os.environ['INTEROP_SEEN'])

app = create_app(
    'auth',
    security_key=os.path.join(FOLDER, 'python.key'),
    security_certificate=os.path.join(FOLDER, 'python.pem'),
    security_cert_store=os.path.join(FOLDER, 'trusted', '*.pem'),
    security_digest='sha256',
    task_serializer='auth',
    accept_content=['auth'],
    result_accept_content=['json'],
)
app.setup_security(allowed_serializers=['json'])


@app.task(name='auth.echo')
def echo(*args, **kwargs):
    with open(os.environ['INTEROP_SEEN'], 'a') as lines:
        lines.write(json.dumps([repr(args), repr(kwargs)]) + '\n')
