"""Records what Celery makes of canvases: what is sent, which chords are noted, which results are promised.

    python generate-canvas.py                         writes fixtures/canvas/*.json
    python generate-canvas.py --random 500 --seed 7 --out /tmp/random.json

Run by hand, with the Celery that is to be recorded. Nothing is sent: `send_task` and the result backend only take notes. The tasks are
not registered, so that what is noted are the options of the canvas alone. Ids are `id-1`, `id-2` … in order of appearance.
"""
import argparse
import contextlib
import copy
import io
import json
import os
import random
import re
import warnings

import celery
import celery.app.base
import celery.app.task
import celery.canvas
from celery import Celery, chain, chord, group, signature
from celery._state import _task_stack
from celery.app.task import Context
from celery.backends.base import Backend
from celery.canvas import StampingVisitor, _chain, chunks, xmap, xstarmap
from kombu.utils import json as kombu_json

warnings.simplefilter("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))

counter = 0
noted = {}


def new_id():
    global counter
    counter += 1
    return f"id-{counter}"


for module in (celery.canvas, celery.app.base, celery.app.task):
    if hasattr(module, "uuid"):
        module.uuid = new_id


def plain(value):
    return json.loads(kombu_json.dumps(value))


class NotingBackend(Backend):
    supports_native_join = True

    def ensure_chords_allowed(self):
        pass

    def add_pending_result(self, *args, **kwargs):
        pass

    def remove_pending_result(self, *args, **kwargs):
        pass

    def on_task_call(self, *args, **kwargs):
        return {}

    def apply_chord(self, header_result_args, body, **kwargs):
        header = self.app.GroupResult(*header_result_args)
        noted["chords"].append({
            "group": header.id,
            "header": plain(header.as_tuple()),
            "body": plain(body),
            **{key: kwargs[key] for key in ("interval", "max_retries") if kwargs.get(key) is not None},
        })

    def set_chord_size(self, group_id, chord_size):
        noted["sizes"].append([group_id, chord_size])


class NotingApp(Celery):
    @property
    def thread_oid(self):
        return "reply-to"

    def _get_backend(self):
        return NotingBackend(app=self)

    def send_task(self, name, args=None, kwargs=None, **options):
        for key in ("producer", "result_cls", "task_type", "shadow"):
            options.pop(key, None)
        if name.startswith("celery."):
            for key in ("ignore_result", "serializer"):
                options.pop(key, None)
            options = {key: value for key, value in options.items() if value is not None}
        task_id = options.get("task_id") or new_id()
        add_to_parent = options.pop("add_to_parent", True)
        kept = {key: value for key, value in options.items() if value is not None}
        # Copied now, as what is sent is encoded now.
        noted["sent"].append(plain({"task": name, "args": args, "kwargs": kwargs, "options": {**kept, "task_id": task_id}}))
        result = self.AsyncResult(task_id)
        if add_to_parent and self.current_worker_task:
            self.current_worker_task.add_trail(result)
        return result


app = NotingApp("canvas", broker="memory://", set_as_current=True)
app.set_default()


@app.task(name="t.parent", bind=True)
def parent(self):
    pass


@contextlib.contextmanager
def running(**request):
    app.finalize()
    _task_stack.push(parent)
    parent.push_request(**{"id": "parent", "root_id": "root", "delivery_info": {}, "called_directly": False, **request})
    try:
        yield parent.request
    finally:
        parent.pop_request()
        _task_stack.pop()


def note_sending(send, **request):
    """What `send` sends, from within a task."""
    global noted
    noted = {"sent": [], "chords": [], "sizes": []}
    with running(**request) as current:
        result = send()
        children = plain([child.as_tuple() for child in current.children])
    if result is None:
        return {"nothing": True}
    return {**noted, "result": plain(result.as_tuple()), "children": children}


ID = re.compile(r"^id-\d+$")


def renumber(value, names=None):
    """Ids in order of appearance, keys sorted."""
    names = {} if names is None else names
    if isinstance(value, str):
        return names.setdefault(value, f"id-{len(names) + 1}") if ID.match(value) else value
    if isinstance(value, list):
        return [renumber(item, names) for item in value]
    if isinstance(value, dict):
        return {key: sorted(value[key]) if key == "stamped_headers" and value[key] else renumber(value[key], names)
                for key in sorted(value)}
    return value


DEFAULTS = {"args": [], "kwargs": {}, "options": {}, "subtask_type": None, "immutable": False}


def short(value):
    """Signatures without the fields that say nothing. Whoever reads them puts these back wherever there is a `task`."""
    if isinstance(value, list):
        return [short(item) for item in value]
    if isinstance(value, dict):
        return {key: short(item) for key, item in value.items() if not ("task" in value and key in DEFAULTS and item == DEFAULTS[key])}
    return value


# ── canvases ────────────────────────────────────────────────────────────────

def t(name="a", *args, **kwargs):
    return signature(f"t.{name}", args=args, kwargs=kwargs)


def si(name="a", *args, **kwargs):
    return signature(f"t.{name}", args=args, kwargs=kwargs, immutable=True)


def raw(*tasks, **options):
    """A chain as it is written, without the rules of `|`."""
    return _chain(*tasks, **options)


def linked(sig, *callbacks):
    for callback in callbacks:
        sig.link(callback)
    return sig


def guarded(sig, *errbacks):
    for errback in errbacks:
        sig.link_error(errback)
    return sig


NAMES = dict(t=t, si=si, raw=raw, chain=chain, group=group, chord=chord, chunks=chunks, xmap=xmap, xstarmap=xstarmap, linked=linked,
             guarded=guarded)

INNER = {
    "task": "t('m', 1)",
    "chain": "chain(t('n', 1), t('o', 2))",
    "group": "group(t('p', 1), t('q', 2))",
    "chord": "chord([t('r', 1), t('u', 2)], t('v'))",
    "immutable": "si('w', 3)",
    "group1": "group(t('x', 1))",
    "chain1": "raw(t('y', 1))",
    "empty-group": "group()",
    "empty-chain": "raw()",
    "starmap": "xstarmap(t('z'), [[1, 2], [3, 4]])",
}

OUTER = {
    "chain-first": "raw({0}, t('b', 9))",
    "chain-last": "raw(t('b', 9), {0})",
    "chain-mid": "raw(t('b', 9), {0}, t('c'))",
    "group-of": "group({0}, t('b', 9))",
    "group-only": "group({0})",
    "header-of": "chord([{0}, t('b', 9)], t('c'))",
    "header-only": "chord([{0}], t('c'))",
    "body-of": "chord([t('b', 8), t('b', 9)], {0})",
}

CALLS = {
    "plain": "t('a', 1, 2)",
    "keywords": "t('a', 1, x=2, y=None)",
    "no-arguments": "t()",
    "or-tasks": "t('a', 1) | t('b', 2) | t('c')",
    "or-group": "t('a', 1) | group(t('b'), t('c'))",
    "or-group-task": "t('a', 1) | group(t('b'), t('c')) | t('d')",
    "or-group-task-task": "t('a', 1) | group(t('b'), t('c')) | t('d') | t('e')",
    "or-two-groups": "group(t('a', 1), t('b', 1)) | group(t('c'), t('d'))",
    "or-two-groups-task": "group(t('a', 1), t('b', 1)) | group(t('c'), t('d')) | t('e')",
    "or-groups-and-tasks": "t('a', 1) | group(t('b'), t('c')) | t('d') | group(t('e'), t('f')) | t('g') | t('h')",
    "three-chords": "chain(group(t('a'), t('b')), t('c'), group(t('d'), t('e')), t('f'), group(t('g'), t('h')), t('i'))",
    "chord-chord": "chord([t('a')], t('b')) | chord([t('c'), t('d')], t('e'))",
    "chord-body-chord": "chord([t('a', 1), t('b', 1)], chord([t('c'), t('d')], t('e')))",
    "chord-body-chain-chord": "chord([t('a', 1), t('b', 1)], chain(t('c'), chord([t('d'), t('e')], t('f')), t('g')))",
    "chord-body-group-chain": "chord([t('a', 1)], chain(group(t('c'), t('d')), t('e'), t('f')))",
    "chord-header-chords": "chord([chord([t('a'), t('b')], t('c')), chord([t('d')], t('e'))], t('f'))",
    "chord-header-deep": "chord([chord([chord([t('a'), t('b')], t('c'))], t('d')), t('e')], t('f'))",
    "chord-header-group": "chord(group(t('a'), t('b')), t('c'))",
    "chord-header-chain-of-group": "chord([chain(t('a'), group(t('b'), t('c'))), t('d')], t('e'))",
    "chord-header-chain-of-group-of-chord": "chord([chain(t('a'), group(t('b'), chord([t('c')], t('d')))), t('e')], t('f'))",
    "chord-header-groups": "chord([group(t('a'), t('b')), t('c'), group(t('d'), group(t('e'), t('f')))], t('g'))",
    "chord-empty-header": "chord([], t('a'))",
    "chord-empty-header-chain-body": "chord([], chain(t('a'), t('b')))",
    "chord-header-empty-chains": "chord([raw(), raw()], t('a'))",
    "chord-header-empty-group": "chord([group(), t('b')], t('a'))",
    "group-nested": "group(group(t('a'), t('b')), t('c'), group(group(t('d')), t('e')))",
    "group-of-chains": "group(chain(t('a'), t('b')), chain(t('c'), t('d'), t('e')))",
    "group-of-chain-of-group": "group(chain(t('a'), group(t('b'), t('c'))))",
    "group-of-chains-of-groups": "group(chain(t('a'), group(t('b'), t('c'))), chain(t('d'), group(t('e'), t('f')), t('g')))",
    "group-empty": "group()",
    "group-one": "group(t('a', 1))",
    "chain-nested": "raw(raw(t('a', 1), raw(t('b'), t('c'))), raw(raw(t('d'))))",
    "chain-nested-empty": "raw(raw(), group(), t('a'), group(), raw(), t('b'), group())",
    "chain-empty-groups": "raw(group(), group())",
    "chain-empty-groups-and-chain": "raw(group(), raw())",
    "chain-group-group": "raw(group(t('a'), t('b')), group(t('c'), t('d')))",
    "chain-group-group-task": "raw(group(t('a'), t('b')), group(t('c'), t('d')), t('e'))",
    "chain-group-chain-group": "raw(group(t('a'), t('b')), raw(t('c'), group(t('d'), t('e'))), t('f'))",
    "chain-groups-of-one": "raw(group(t('a')), group(t('b')), group(chain(t('c'), t('d'))))",
    "chain-chord-tail": "raw(t('a'), chord([t('b'), t('c')], chain(t('d'), t('e'))), t('f'))",
    "chain-chord-group-body": "raw(t('a'), chord([t('b'), t('c')], group(t('d'), t('e'))), t('f'))",
    "chain-chord-chord": "raw(chord([t('a'), t('b')], t('c')), chord([t('d'), t('e')], t('f')))",
    "chain-group-chord": "raw(group(t('a'), t('b')), chord([t('c'), t('d')], t('e')))",
    "links": "linked(t('a', 1), t('cb'), t('cb', 2))",
    "link-twice": "linked(t('a', 1), t('cb'), t('cb'))",
    "errbacks": "guarded(t('a', 1), t('eb'), t('eb', 2))",
    "link-chain": "linked(t('a', 1), chain(t('b'), t('c')))",
    "link-group": "linked(t('a', 1), group(t('b'), t('c')))",
    "link-chord": "linked(t('a', 1), chord([t('b'), t('c')], t('d')))",
    "chain-linked": "linked(chain(t('a', 1), t('b')), t('cb'))",
    "chain-guarded": "guarded(chain(t('a', 1), t('b')), t('eb'))",
    "chain-of-group-linked": "linked(chain(t('a', 1), group(t('b'), t('c'))), t('cb'))",
    "chain-of-group-guarded": "guarded(chain(t('a', 1), group(t('b'), t('c'))), t('eb'))",
    "chain-of-chord-linked": "linked(raw(t('a', 1), chord([t('b')], t('c'))), t('cb'))",
    "chain-of-chord-guarded": "guarded(raw(t('a', 1), chord([t('b')], chain(t('c'), t('d')))), t('eb'))",
    "chain-of-chord-first-guarded": "guarded(raw(chord([t('b')], chain(t('c'), t('d'))), t('e')), t('eb'))",
    "chain-link-option": "raw(t('a'), t('b'), link=[t('cb')], link_error=[t('eb')])",
    "chain-in-chain-linked": "raw(t('a'), linked(raw(t('b'), t('c')), t('cb')), t('d'))",
    "chain-group-upgraded-guarded": "guarded(raw(group(t('a'), t('b')), t('c')), t('eb'))",
    "group-linked": "linked(group(t('a', 1), t('b', 2)), t('cb', 3))",
    "group-guarded": "guarded(group(t('a', 1), t('b', 2)), t('eb', 3))",
    "chord-linked": "linked(chord([t('a', 1), t('b', 2)], t('c')), t('cb', 3))",
    "chord-guarded": "guarded(chord([t('a', 1), t('b', 2)], t('c')), t('eb', 3))",
    "chord-guarded-group-body": "guarded(chord([t('a', 1)], group(t('c'), t('d'))), t('eb', 3))",
    "chord-linked-group-body": "linked(chord([t('a', 1)], group(t('c'), t('d'))), t('cb', 3))",
    "chord-linked-chain-body": "linked(chord([t('a', 1)], chain(t('c'), t('d'))), t('cb', 3))",
    "chord-option-links": "chord([t('a', 1)], t('c'), link=[t('cb')], link_error=[t('eb')])",
    "chord-option-links-group-body": "chord([t('a')], group(t('c'), chord([t('d')], t('e')), group(t('f'))), link=t('cb'), link_error=t('eb'))",
    "chord-option-links-own-group": "chord([t('a')], group(t('c'), t('d')).set(link_error=[t('own')]), link_error=[t('eb')])",
    "chord-option-link-empty-body": "chord([t('a')], group(), link=[t('cb')], link_error=[t('eb')])",
    "chord-option-link-chord-body": "chord([t('a')], chord([t('b')], group(t('c'), t('d'))), link=[t('cb')], link_error=[t('eb')])",
    "chord-nested-header-guarded": "guarded(chord([chord([t('a')], t('b')), t('c')], t('d')), t('eb'))",
    "immutable-chain": "chain(si('a', 1), si('b', 2), si('c', 3))",
    "immutable-group-in-chain": "chain(si('a', 1), group(si('b', 2), t('c', 3)), si('d'))",
    "immutable-chord-body": "chord([t('a', 1)], si('b', 2))",
    "options-task": "t('a', 1).set(queue='q', countdown=5, priority=3, expires=60, headers={'h': 1})",
    "options-null": "t('a', 1).set(queue=None, countdown=5)",
    "options-chain": "chain(t('a'), t('b')).set(queue='q', countdown=5)",
    "options-chain-ids": "chain(t('a'), t('b')).set(task_id='fixed', root_id='rooted', parent_id='p')",
    "options-group": "group(t('a'), t('b')).set(queue='q', countdown=5)",
    "options-group-id": "group(t('a'), t('b')).set(task_id='fixed')",
    "options-chord": "chord([t('a'), t('b')], t('c')).set(queue='q', priority=4)",
    "options-chord-countdown": "chord([t('a'), t('b')], t('c')).set(countdown=5)",
    "options-chord-eta": "chord([t('a'), t('b')], t('c')).set(eta='2031-01-01T00:00:00+00:00')",
    "options-chord-interval": "chord([t('a'), t('b')], t('c')).set(interval=3, max_retries=7)",
    "options-chord-id": "chord([t('a'), t('b')], t('c')).set(task_id='fixed')",
    "options-chord-body-id": "chord([t('a'), t('b')], t('c').set(task_id='fixed'))",
    "options-chord-header-group": "chord(group(t('a'), t('b')).set(queue='q'), t('c').set(queue='r'))",
    "options-members": "group(t('a').set(queue='q', task_id='fixed'), chain(t('b').set(priority=1), t('c').set(countdown=2)))",
    "options-chord-of-chain": "chord([chain(t('a'), t('b')).set(queue='q')], chain(t('c'), t('d')).set(queue='r'))",
    "options-chain-of-chord": "raw(t('a'), chord([t('b')], chain(t('c'), t('d')).set(queue='r', priority=2)).set(queue='q')).set(expires=9)",
    "options-group-root": "group(t('a'), chain(t('b'), t('c')), chord([t('d')], t('e'))).set(root_id='rooted')",
    "options-add-to-parent": "chain(t('a'), t('b')).set(add_to_parent=False)",
    "options-add-to-parent-chord": "chord([t('a')], t('b')).set(add_to_parent=False)",
    "options-add-to-parent-group": "group(t('a'), chain(t('b'), t('c'))).set(add_to_parent=False)",
    "ignore-result": "group(t('a').set(ignore_result=True), t('b'))",
    "map": "xmap(t('a'), [1, 2, 3])",
    "map-options": "xmap(t('a'), [1, 2, 3]).set(queue='q')",
    "starmap": "xstarmap(t('a'), [[1, 2], [3, 4]])",
    "chunks": "chunks(t('a'), [[1, 2], [3, 4], [5, 6]], 2)",
    "chunks-even": "chunks(t('a'), [[1, 2], [3, 4]], 1)",
    "chunks-group": "chunks(t('a'), [[1, 2], [3, 4], [5, 6]], 2).group()",
    "chunks-in-chain": "raw(t('b'), chunks(t('a'), [[1, 2], [3, 4]], 1))",
    "chunks-group-then": "chunks(t('a'), [[1, 2], [3, 4], [5, 6]], 2).group() | t('b')",
    "stamped-task": "stamped(t('a', 1), who='me')",
    "stamped-chain": "stamped(chain(t('a', 1), t('b')), who='me')",
    "stamped-group": "stamped(group(t('a', 1), t('b')), who='me')",
    "stamped-chord": "stamped(chord([t('a', 1), t('b')], t('c')), who='me', why='so')",
    "stamped-links": "stamped(guarded(linked(t('a', 1), t('cb')), t('eb')), who='me')",
    "stamped-nested": "stamped(chain(t('a'), group(chain(t('b'), t('c')), t('d')), t('e')), who='me')",
    "frozen-task": "frozen(t('a', 1))",
    "frozen-chain": "frozen(chain(t('a', 1), group(t('b'), t('c')), t('d')))",
    "frozen-group": "frozen(group(t('a', 1), chain(t('b'), t('c')), group(t('d'), t('e'))))",
    "frozen-chord": "frozen(chord([t('a', 1), chain(t('b'), t('c'))], chain(t('d'), t('e'))))",
    "frozen-nested": "frozen(chord([chord([t('a'), t('b')], t('c')), chain(t('d'), group(t('e'), t('f')))], chord([t('g')], t('h'))))",
    "part-of-chord": "t('a', 1).set(group_id='G', group_index=3, chord=t('body').set(task_id='B'))",
    "part-of-chord-chain": "chain(t('a', 1), t('b')).set(group_id='G', group_index=3, chord=t('body').set(task_id='B'))",
    "part-of-chord-group": "group(t('a', 1), t('b')).set(group_id='G', group_index=3, chord=t('body').set(task_id='B'))",
    "part-of-chord-chord": "chord([t('a', 1), t('b')], t('c')).set(group_id='G', group_index=3, chord=t('body').set(task_id='B'))",
    "part-of-chord-chain-of-group": "chain(t('a', 1), group(t('b'), t('c'))).set(group_id='G', chord=t('body').set(task_id='B'))",
}

ARGUMENTS = [
    ("t('a', 2)", [1], {}, {}),
    ("t('a', 2, x=1)", [1], {"x": 2, "y": 3}, {}),
    ("si('a', 2)", [1], {"x": 2}, {"queue": "q"}),
    ("t('a').set(queue='own', group_id='own')", [], {}, {"queue": "q", "group_id": "g", "priority": None}),
    ("chain(t('a', 2), t('b'))", [1], {"x": 2}, {}),
    ("chain(t('a', 2), t('b'))", [], {}, {"queue": "q", "countdown": 4}),
    ("chain(t('a', 2), t('b'))", [], {}, {"link": [{"task": "t.cb"}], "link_error": [{"task": "t.eb"}]}),
    ("chain(t('a', 2), t('b'))", [1], {}, {"chain": [{"task": "t.z"}], "parent_id": "p", "root_id": "r", "priority": None}),
    ("raw(group(t('a', 2), t('b', 3)))", [1], {}, {}),
    ("raw(group(t('a', 2), t('b', 3)), t('c'))", [1], {"x": 2}, {}),
    ("raw(group(t('a', 2), t('b', 3)), t('c'))", [1], {}, {"chain": [{"task": "t.z"}], "parent_id": "p", "root_id": "r"}),
    ("raw(raw(t('a', 2)), t('b'))", [1], {"x": 2}, {}),
    ("raw(group(), t('a', 2), t('b'))", [1], {}, {}),
    ("raw(chord([t('a', 2)], t('b')), t('c'))", [1], {}, {"queue": "q"}),
    ("raw(chord([t('a', 2)], chain(t('b'), t('c'))), t('d'))", [1], {}, {"queue": "q"}),
    ("group(t('a', 2), si('b', 3), chain(t('c', 4), t('d')))", [1], {"x": 2}, {}),
    ("group(t('a', 2), t('b', 3))", [], {}, {"queue": "q", "countdown": 4, "task_id": "given"}),
    ("group(t('a', 2), t('b', 3))", [1], {}, {"chain": [{"task": "t.z"}], "parent_id": "p", "root_id": "r"}),
    ("group(t('a', 2), chain(t('b', 3), t('c')), chord([t('d')], t('e')))", [1], {}, {"chain": [{"task": "t.z"}], "parent_id": "p", "root_id": "r"}),
    ("group(t('a', 2), chord([t('b', 3)], t('c')))", [], {}, {"add_to_parent": False}),
    ("group()", [1], {}, {"chain": [{"task": "t.z"}]}),
    ("chord([t('a', 2), si('b', 3)], t('c'))", [1], {"x": 2}, {}),
    ("chord([t('a', 2), t('b', 3)], t('c'))", [], {}, {"queue": "q", "countdown": 4}),
    ("chord([t('a', 2), t('b', 3)], t('c')).set(countdown=9, queue='own')", [], {}, {"countdown": 4}),
    ("chord([t('a', 2), t('b', 3)], t('c'))", [], {}, {"task_id": "given", "interval": 5, "max_retries": 2}),
    ("chord([t('a', 2), t('b', 3)], t('c'))", [], {}, {"link": [{"task": "t.cb"}], "link_error": [{"task": "t.eb"}]}),
    ("chord([t('a', 2), t('b', 3)], group(t('c'), t('d')))", [], {}, {"link_error": [{"task": "t.eb"}]}),
    ("chord([t('a', 2), t('b', 3)], t('c'))", [1], {}, {"chain": [{"task": "t.z"}, {"task": "t.y"}], "parent_id": "p", "root_id": "r"}),
    ("chord([t('a', 2), t('b', 3)], chain(t('c'), t('d')))", [1], {}, {"chain": [{"task": "t.z"}], "parent_id": "p", "root_id": "r"}),
    ("chord([t('a', 2), t('b', 3)], group(t('c'), t('d')))", [1], {}, {"chain": [{"task": "t.z"}], "parent_id": "p", "root_id": "r"}),
    ("chord([t('a', 2), t('b', 3)], chord([t('c')], t('d')))", [1], {}, {"chain": [{"task": "t.z"}], "parent_id": "p", "root_id": "r"}),
    ("chord([t('a', 2)], t('c'))", [], {"body": {"task": "t.other"}}, {}),
    ("chord([t('a', 2)], t('c'))", [], {}, {"group_id": "g", "group_index": 1, "chord": {"task": "t.body", "options": {"task_id": "B"}}, "add_to_parent": False}),
    ("chain(t('a', 2), t('b'))", [], {}, {"group_id": "g", "group_index": 1, "chord": {"task": "t.body", "options": {"task_id": "B"}}}),
    ("xmap(t('a'), [1, 2])", [1], {"x": 2}, {"queue": "q"}),
    ("chunks(t('a'), [[1], [2], [3]], 2)", [], {}, {"queue": "q"}),
]


def full(value):
    """Signatures in options of a call, written short above, as Celery writes them."""
    if isinstance(value, dict) and "task" in value:
        return {"args": [], "kwargs": {}, "options": {}, "subtask_type": None, "immutable": False, **value}
    if isinstance(value, list):
        return [full(item) for item in value]
    if isinstance(value, dict):
        return {key: full(item) for key, item in value.items()}
    return value


def stamped(sig, **stamps):
    sig.stamp(**stamps)
    return sig


def frozen(sig):
    sig.freeze()
    return sig


NAMES.update(stamped=stamped, frozen=frozen)

MAPS = {celery.canvas.xmap: "xmap", celery.canvas.xstarmap: "xstarmap", celery.canvas.chunks: "chunks"}


def data_of(sig):
    """A signature as data. Celery's JSON forgets that a map is one; as the top of a canvas it still is."""
    data = plain(sig)
    if type(sig) in MAPS:
        data["subtask_type"] = MAPS[type(sig)]
    return data


def record_sending(name, make, args=(), kwargs=None, options=None):
    global counter
    args, kwargs, options = full(list(args)), full(kwargs or {}), full(options or {})
    counter = 0
    live = make()
    data = data_of(live)
    call = {"args": args, "kwargs": kwargs, "options": options}

    def send(sig):
        given = copy.deepcopy(call)
        if "body" in given["kwargs"]:
            given["kwargs"]["body"] = signature(given["kwargs"]["body"])
        for key in ("link", "link_error"):
            if key in given["options"]:
                given["options"][key] = [signature(item) for item in given["options"][key]]
        if "chord" in given["options"]:
            given["options"]["chord"] = signature(given["options"]["chord"])
        return note_sending(lambda: sig.apply_async(tuple(given["args"]), given["kwargs"], **given["options"]))

    outcomes = []
    for sig in (signature(copy.deepcopy(data)), live):
        try:
            outcomes.append(send(sig))
        except Exception as error:
            outcomes.append({"error": type(error).__name__})
    case = {"name": name, "signature": data}
    if any(call.values()):
        case["call"] = {key: value for key, value in call.items() if value}
    numbered = [renumber({**copy.deepcopy(case), "outcome": outcome}) for outcome in outcomes]
    if numbered[0] != numbered[1]:
        return {**numbered[0], "live": numbered[1]["outcome"]}
    return numbered[0]


def made(expression):
    return lambda: eval(expression, dict(NAMES))


def sendings():
    for name, expression in CALLS.items():
        yield name, made(expression), expression, (), None, None
    for index, (expression, args, kwargs, options) in enumerate(ARGUMENTS):
        yield f"call-{index}", made(expression), expression, args, kwargs, options
    for outer, template in OUTER.items():
        for inner, member in INNER.items():
            expression = template.format(member)
            yield f"{outer}/{inner}", made(expression), expression, (), None, None
    for outer, template in OUTER.items():
        for middle, between in OUTER.items():
            for inner in ("chain", "group", "chord"):
                if inner == "chain" and middle.startswith("chain"):
                    continue  # spliced
                expression = template.format(between.format(INNER[inner]))
                yield f"{outer}/{middle}/{inner}", made(expression), expression, (), None, None


def followings(cases):
    """What a worker sends after the tasks of these cases: the next step of their chain, the body of their chord. Each kind once."""
    seen = set()
    for case in cases:
        for message in case["outcome"].get("sent", []):
            message = json.loads(re.sub(r'"id-(\d+)"', r'"was-\1"', json.dumps(message)))
            options = message["options"]
            chain_, body = options.get("chain"), options.get("chord")
            follow = []
            if chain_:
                follow.append((chain_[-1], [0], {"chain": chain_[:-1], "parent_id": "p", "root_id": "r", "priority": None}))
            elif body:
                follow.append((body, [[0, 1]], {}))
            for data, args, options in follow:
                text = re.sub(r'"was-\d+"', '""', json.dumps([data, options], sort_keys=True))
                if text in seen or "subtask_type" not in text.replace('"subtask_type": null', ""):
                    continue
                seen.add(text)
                yield f"after {case['name']}", data, args, options


# ── random canvases ─────────────────────────────────────────────────────────

class Dice:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.tasks = 0

    def task(self):
        self.tasks += 1
        sig = (si if self.random.random() < 0.15 else t)(f"n{self.tasks}", *range(self.random.randint(0, 2)))
        return self.dressed(sig)

    def dressed(self, sig, chance=0.12):
        """Now and then with callbacks, errbacks, options."""
        roll = self.random.random
        if roll() < chance:
            with contextlib.suppress(IndexError):
                sig.link(self.callback())
        if roll() < chance:
            sig.link_error(self.callback())
        if roll() < chance:
            sig.set(**self.random.choice([{"queue": "q"}, {"countdown": 5}, {"priority": 2, "expires": 9}]))
        if roll() < chance / 4:
            sig.set(immutable=True)
        return sig

    def callback(self):
        return self.random.choice([lambda: t("cb"), lambda: si("cb", 1), lambda: chain(t("cb"), t("cc"))])()

    def canvas(self, depth):
        roll = self.random.random()
        if depth == 0 or roll < 0.25:
            return self.task()
        count = self.random.choice([0, 1, 1, 2, 2, 2, 3, 3])
        members = [self.canvas(depth - 1) for _ in range(count)]
        if roll < 0.45:
            return self.dressed(group(members))
        if roll < 0.6:
            return self.dressed(raw(*members) if count != 1 else raw(members))
        if roll < 0.8:
            return self.dressed(self.piped(members)) if count else self.task()
        return self.dressed(chord(members, self.canvas(depth - 1)))

    def piped(self, members):
        with contextlib.redirect_stdout(io.StringIO()):
            return chain(*members) if len(members) > 1 else members[0]


def random_sendings(count, seed):
    for index in range(count):
        depth = 1 + index % 4

        def make(index=index, depth=depth):
            return Dice(f"{seed}-{index}").canvas(depth)
        yield f"random-{seed}-{index}", make, None, (), None, None


def record_random(count, seed):
    cases = []
    for name, make, _expression, args, kwargs, options in random_sendings(count, seed):
        try:
            make()
        except Exception:
            continue  # not a canvas that can be composed
        try:
            cases.append(record_sending(name, make, args, kwargs, options))
        except RecursionError:
            continue
    return cases


# ── composing ───────────────────────────────────────────────────────────────

class NamingVisitor(StampingVisitor):
    """Says what it visits, with every method there is."""

    def on_signature(self, sig, **headers):
        return {"of_signature": sig.task}

    def on_group_start(self, sig, **headers):
        return {"of_group": len(sig.tasks)}

    def on_chain_start(self, sig, **headers):
        return {"of_chain": len(sig.tasks), "stamped_headers": ["of_chain"]}

    def on_chord_body(self, sig, **headers):
        return {"of_body": True}

    def on_callback(self, callback, **headers):
        return {"of_callback": callback.task}

    def on_errback(self, errback, **headers):
        return {"of_errback": errback.task}


class ShortVisitor(StampingVisitor):
    """Only what must be there."""

    def on_signature(self, sig, **headers):
        return {"short": ["x", sig.task], "who": "visitor"}


class HeaderVisitor(StampingVisitor):
    """Does with headers what it likes."""

    def on_signature(self, sig, **headers):
        return None

    def on_group_start(self, sig, **headers):
        return {"never": "for headers"}

    def on_chord_header_start(self, sig, **headers):
        return {"of_header": len(sig.tasks)}

    def on_chord_header_end(self, sig, **headers):
        pass


VISITORS = {"naming": NamingVisitor, "short": ShortVisitor, "header": HeaderVisitor}

COMPOSED = {
    "task": "t('a', 1)",
    "immutable": "si('a', 1)",
    "linked": "guarded(linked(t('a', 1), t('cb')), t('eb'))",
    "chain": "chain(t('b', 1), t('c', 2))",
    "chain-empty": "raw()",
    "chain-one": "raw(t('b', 1))",
    "chain-linked": "guarded(linked(chain(t('b', 1), t('c', 2)), t('cb')), t('eb'))",
    "chain-to-group": "chain(t('b', 1), group(t('c', 2), t('d')))",
    "chain-to-chord": "chain(t('b', 1), group(t('c', 2), t('d')), t('e'))",
    "chain-chord-group": "raw(chord([t('b')], t('c')), group(t('d'), t('e')))",
    "group": "group(t('f', 1), t('g', 2))",
    "group-one": "group(t('f', 1))",
    "group-empty": "group()",
    "group-nested": "group(group(t('f'), t('g')), chain(t('h'), t('i')))",
    "chord": "chord([t('j', 1), t('k', 2)], t('l'))",
    "chord-chain": "chord([t('j', 1), t('k', 2)], chain(t('l'), t('m')))",
    "chord-group": "chord([t('j', 1), t('k', 2)], group(t('l'), t('m')))",
    "chord-chord": "chord([chord([t('j', 1)], t('n')), t('k', 2)], chord([t('l')], t('m')))",
    "chord-options": "chord([t('j', 1)], t('l')).set(queue='q')",
}


def record_composing(operation, name, inputs, compose, **more):
    """`compose` of live signatures made from the recorded data."""
    given = [plain(sig) for sig in inputs]
    case = {"operation": operation, "name": name, "inputs": given, **more}
    try:
        output = compose(*[signature(copy.deepcopy(data)) for data in given])
        return renumber({**case, "output": plain(output)})
    except Exception as error:
        return {**case, "error": type(error).__name__}


def returning(change):
    def compose(sig, *others):
        change(sig, *others)
        return sig
    return compose


def composings():
    make = {name: made(expression) for name, expression in COMPOSED.items()}
    piped = [name for name in make if name not in ("immutable", "linked", "chain-one", "chord-options", "group-nested")]
    for left in piped:
        for right in piped:
            yield record_composing("pipe", f"{left} | {right}", [make[left](), make[right]()], lambda a, b: a | b)
    for names in (["task"] * 3, ["task", "group", "task", "group", "task"], ["group-empty", "task"], ["chain", "chain-linked", "group", "group-one"],
                  ["chord", "chord", "task"], ["chain-empty", "group", "task"], ["group", "group", "task", "chord-group", "group"],
                  ["task", "group-empty", "task"], ["linked", "chain-to-group", "chain-to-chord"], ["chain-linked", "chain-linked"],
                  ["group"], ["task"], ["chain-linked"], []):
        yield record_composing("chain", " ".join(names) or "nothing", [make[name]() for name in names], lambda *sigs: chain(list(sigs)))
    for name in make:
        for callback in ("task", "chain", "group", "chord"):
            link = made("t('link', 1)") if callback == "task" else make[callback]
            yield record_composing("link", f"{name} to {callback}", [make[name](), link()], returning(lambda a, b: a.link(b)))
            for on_header in (False, True):
                app.conf.task_allow_error_cb_on_chord_header = on_header
                yield record_composing("linkError", f"{name} to {callback} {on_header}", [make[name](), link()],
                                       returning(lambda a, b: a.link_error(b)), onHeader=on_header)
            app.conf.task_allow_error_cb_on_chord_header = False
        yield record_composing("clone", name, [make[name]()], lambda a: a.clone((7,), {"x": 8}, queue="r"),
                               args=[7], kwargs={"x": 8}, options={"queue": "r"})
        yield record_composing("set", name, [make[name]()], lambda a: a.set(immutable=True, queue="r", countdown=None),
                               immutable=True, options={"queue": "r", "countdown": None})
    stampings = [*((name, make[name]) for name in piped), *((f"stamped-{name}", made(CALLS[f"stamped-{name}"])) for name in ("task", "chain", "links")),
                 ("deep", made(CALLS["stamped-nested"])), ("chunks", made("chunks(t('a'), [[1]], 1)")), ("frozen", made(CALLS["frozen-chord"]))]
    for name, sig in stampings:
        for append in (False, True):
            yield record_composing("stamp", f"{name} {append}", [sig()], returning(lambda a: a.stamp(append_stamps=append, who="you", n=1)),
                                   append=append, stamps={"who": "you", "n": 1})
            for kind, visitor in VISITORS.items():
                yield record_composing("stamp", f"{name} {kind} {append}", [sig()], returning(lambda a: a.stamp(visitor(), append)),
                                       append=append, visitor=kind)


REQUESTS = {
    "plain": {},
    "in-chain": {"chain": [full({"task": "t.last", "options": {"task_id": "L"}}), full({"task": "t.next", "options": {"task_id": "N"}})]},
    "in-chain-to-group": {"chain": [full({"task": "celery.group", "kwargs": {"tasks": [full({"task": "t.x"}), full({"task": "t.y"})]},
                                          "subtask_type": "group"})]},
    "in-chord": {"group": "G", "group_index": 2, "chord": full({"task": "t.body", "options": {"task_id": "B"}}), "replaced_task_nesting": 3},
    "linked": {"callbacks": [full({"task": "t.cb"})], "errbacks": [full({"task": "t.eb"})]},
    "all": {"chain": [full({"task": "t.next", "options": {"task_id": "N"}})], "group": "G", "group_index": 0,
            "chord": full({"task": "t.body", "options": {"task_id": "B"}}), "callbacks": [full({"task": "t.cb"})],
            "errbacks": [full({"task": "t.eb"})]},
}


def replacings():
    global counter
    for kind in COMPOSED:
        if kind in ("immutable", "chain-one", "group-nested", "chord-options", "chord-chord"):
            continue
        for name, request in REQUESTS.items():
            counter = 0
            data = plain(made(COMPOSED[kind])())
            taken = []

            def replace():
                with contextlib.suppress(celery.exceptions.Ignore):
                    parent.replace(signature(copy.deepcopy(data)))
                return taken[-1][1]

            def on_replace(sig):
                taken.append((plain(sig), sig.delay()))
                raise celery.exceptions.Ignore()

            parent.on_replace = on_replace
            full_request = {"id": "parent", "root_id": "root", **copy.deepcopy(request)}
            case = {"name": f"{kind} for {name}", "signature": data, "request": full_request}
            try:
                outcome = note_sending(replace, **copy.deepcopy(full_request))
                yield renumber({**case, "replacement": taken[-1][0], "outcome": outcome})
            except Exception as error:
                yield {**case, "error": type(error).__name__}


BODIES = {
    "group": "group(t('a'), t('b'))",
    "guarded-members": "group(guarded(t('a'), t('eb')), guarded(t('b'), t('eb'), t('other')))",
    "guarded-group": "group(guarded(t('a'), t('eb')), t('b')).set(link_error=[t('eb'), t('of-group')])",
    "guarded-chord": "GUARDED",
    "chains": "group(guarded(chain(t('a'), guarded(t('b'), t('inner'))), t('eb')), t('c'))",
    "chords": "group(chord([t('a')], guarded(t('b'), t('of-body'))).set(link_error=[t('of-chord')]), t('c'))",
    "chord-of-group": "group(chord([t('a')], group(guarded(t('b'), t('eb')), t('c'))), t('d'))",
    "nested": "group(group(t('a'), guarded(t('b'), t('eb'))), t('c'))",
}


def memberships():
    """Who is told when the header of a chord fails whose body is a group."""
    told = []
    NotingBackend._call_task_errbacks = lambda self, request, exc, traceback: told.append({"id": request.id, "errbacks": plain(request.errbacks)})
    NotingBackend.fail_from_current_stack = lambda self, task_id, exc=None: told[-1].update(failed=task_id)
    NotingBackend.mark_as_failure = lambda self, task_id, exc, **kwargs: told.append({"group": task_id})
    app.control.revoke = lambda *args, **kwargs: None
    for name, expression in BODIES.items():
        body = made("group(t('a'), t('b'))" if expression == "GUARDED" else expression)()
        options = {"link_error": [t("eb")]} if expression == "GUARDED" else {}
        outcome = note_sending(lambda: chord([t("h")], body).apply_async(**options))
        data = outcome["chords"][0]["body"]
        told.clear()
        app.backend.chord_error_from_stack(signature(copy.deepcopy(data)), ValueError("boom"))
        *members, last = told
        yield renumber({"name": name, "body": data, "group": last["group"], "members": copy.deepcopy(members)})


# ── writing ─────────────────────────────────────────────────────────────────

def write(path, cases):
    head = json.dumps({"celery_version": celery.__version__})[:-1]
    with open(path, "w") as file:
        file.write(head + ', "cases": [\n')
        file.write(",\n".join(json.dumps(short(case), separators=(",", ":")) for case in cases))
        file.write("\n]}\n")
    print(f"{path}: {len(cases)} cases, {os.path.getsize(path)} bytes")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--random", type=int)
    parser.add_argument("--seed", default="0")
    parser.add_argument("--out")
    options = parser.parse_args()
    if options.random:
        write(options.out, record_random(options.random, options.seed))
        return
    folder = os.path.join(HERE, "fixtures", "canvas")
    os.makedirs(folder, exist_ok=True)
    version = celery.__version__
    cases = [{**record_sending(name, make, args, kwargs, call), "python": expression}
             for name, make, expression, args, kwargs, call in sendings()]
    write(os.path.join(folder, f"sending@{version}.json"), cases)
    write(os.path.join(folder, f"following@{version}.json"), [record_sending(name, lambda data=data: signature(copy.deepcopy(data)), args, None, options)
                                                              for name, data, args, options in followings(cases)])
    write(os.path.join(folder, f"random@{version}.json"), record_random(25, "recorded"))
    write(os.path.join(folder, f"composing@{version}.json"), list(composings()))
    write(os.path.join(folder, f"replacing@{version}.json"), list(replacings()))
    write(os.path.join(folder, f"members@{version}.json"), list(memberships()))


if __name__ == "__main__":
    main()
