"""Ops of the area greenlet: the package of that name as it is."""

import greenlet

from assay_sdk import Raised

_make = greenlet.greenlet  # by another name where a param is called greenlet
_greenlets = {"main": greenlet.getcurrent()}


def named(name):
    found = _greenlets.get(name)
    if found is None:
        raise Raised("NoSuchObject", name)
    return found


def name_of(wanted):
    return next((name for name, each in _greenlets.items() if each is wanted), "main")


def as_json(value):
    """A greenlet's value; the exit that ended it has a form of its own."""
    if isinstance(value, greenlet.GreenletExit):
        return {"exit": str(value)}
    return value


def _raising(use, *arguments):
    try:
        value = use(*arguments)
    except greenlet.error as refused:
        raise Raised("GreenletError", str(refused)) from None
    # No value arrives as None or as an empty tuple, by the way that control took.
    return None if value == () else as_json(value)


def _exception(adapter, type, message):
    if type == "GreenletExit":
        return greenlet.GreenletExit(message)
    return adapter.exception(type, message)


def _set_parent(greenlet, parent):
    named(greenlet).parent = named(parent)


def _state(greenlet):
    of = named(greenlet)
    return {"dead": of.dead, "started": bool(of) or of.dead,
            "parent": None if of.parent is None else name_of(of.parent)}


def add_to(adapter):
    def create(greenlet, steps, parent):
        body = adapter.function(steps)
        # A greenlet that has not begun counts as false.
        _greenlets[greenlet] = _make(body) if parent is None else _make(body, named(parent))

    adapter.op("greenlet.create")(
        lambda greenlet, steps, parent: _raising(create, greenlet, steps, parent))
    adapter.op("greenlet.switch")(
        lambda greenlet, values: _raising(named(greenlet).switch, *values))
    adapter.op("greenlet.throw")(
        lambda greenlet, type, message: _raising(
            named(greenlet).throw, _exception(adapter, type, message)))
    adapter.op("greenlet.state")(_state)
    adapter.op("greenlet.set_parent")(
        lambda greenlet, parent: _raising(_set_parent, greenlet, parent))
    adapter.op("greenlet.current")(lambda: name_of(greenlet.getcurrent()))
