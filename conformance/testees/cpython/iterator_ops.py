"""Ops of the area iterator: Python's own protocol over classes of each kind, the notes' too."""

from collections.abc import Iterable, Iterator

from assay_sdk import Raised

_objects = {}


class Own:
    """The notes' MyList: each iter() makes a new iterator."""

    def __init__(self, items):
        self.items = items

    def add(self, item):
        self.items.append(item)

    def __iter__(self):
        return OwnIterator(self)


class OwnIterator:
    """The notes' MyIterator: an index into the list."""

    def __init__(self, own):
        self.own = own
        self.index = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.index < len(self.own.items):
            self.index += 1
            return self.own.items[self.index - 1]
        raise StopIteration


class Self:
    def __init__(self, items):
        self.items = items
        self.index = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.index == len(self.items):
            return self.end()
        self.index += 1
        return self.items[self.index - 1]

    def end(self):
        raise StopIteration


class Failing(Self):
    def end(self):
        raise ValueError("the iterator fails")


class Fib:
    """The notes use a FibIterator and never define it; this is what their generator yields."""

    def __init__(self, items):
        self.left = items[0]
        self.a, self.b = 0, 1

    def __iter__(self):
        return self

    def __next__(self):
        if self.left <= 0:
            raise StopIteration
        self.left -= 1
        value = self.a
        self.a, self.b = self.b, self.a + self.b
        return value


class Indexed:
    def __init__(self, items):
        self.items = items

    def __getitem__(self, index):
        return self.items[index]


class Stub:
    def __init__(self, items):
        pass

    def __iter__(self):
        pass


class NextOnly:
    def __init__(self, items):
        self.items = list(items)

    def __next__(self):
        if not self.items:
            raise StopIteration
        return self.items.pop(0)


class Plain:
    def __init__(self, items):
        pass


def _traced(log):
    class TracedIterator(OwnIterator):
        def __next__(self):
            log(value="next")
            return OwnIterator.__next__(self)

    class Traced(Own):
        def __iter__(self):
            log(value="iter")
            return TracedIterator(self)

    return Traced


def _at(name):
    if name not in _objects:
        raise Raised("NoSuchObject", name)
    return _objects[name]


def _next(object, default):
    if default:
        return next(_at(object), default[0])
    return next(_at(object))


def _add(object, item):
    if not isinstance(_at(object), Own):
        raise TypeError("nothing can be added to the object")
    _at(object).add(item)


def _for(object, limit, add):
    visited = []
    for each in _at(object):
        visited.append(each)
        if len(visited) <= len(add):
            _add(object, add[len(visited) - 1])
        if limit is not None and len(visited) >= limit:
            break
    return visited


def _for_pairs(object):
    pairs = []
    for first in _at(object):
        for second in _at(object):
            pairs.append([first, second])
    return pairs


def _two(items):
    first, second = items
    return [first, second]


_INTO = {"list": list, "tuple": tuple, "set": lambda items: sorted(set(items)), "sum": sum,
         "two": _two}


def _collect(object, into):
    if into not in _INTO:
        raise ValueError("nothing collects into %r" % into)
    return _INTO[into](_at(object))


def add_to(adapter):
    kinds = {"list": list, "own": Own, "self": Self, "failing": Failing, "fib": Fib,
             "indexed": Indexed, "stub": Stub, "next_only": NextOnly, "plain": Plain,
             "traced": _traced(adapter.handler("event.log"))}

    @adapter.op("iterator.make")
    def make(object, kind, items):
        if kind not in kinds:
            raise ValueError("there is no kind %r" % kind)
        _objects[object] = kinds[kind](items)

    @adapter.op("iterator.iter")
    def get_iterator(**names):
        _objects[names["as"]] = iter(_at(names["object"]))

    adapter.op("iterator.kind")(lambda object: {
        "iterable": isinstance(_at(object), Iterable),
        "iterator": isinstance(_at(object), Iterator)})
    adapter.op("iterator.is_same")(lambda object, other: _at(object) is _at(other))
    adapter.op("iterator.next")(_next)
    adapter.op("iterator.add")(_add)
    adapter.op("iterator.for")(_for)
    adapter.op("iterator.for_pairs")(_for_pairs)
    adapter.op("iterator.collect")(_collect)
    adapter.op("iterator.contains")(lambda object, value: value in _at(object))
