"""The adapter that sdk_test.py drives; wrong wherever an SDK must help."""

from assay_sdk import Adapter, Raised

adapter = Adapter("test adapter", "1.2", supports=["queue", "-queue.close"])
queues = {}


@adapter.op("queue.open")
def open_queue(queue, maxsize):
    queues[queue] = []


@adapter.op("queue.put")
def put(queue, item, block, timeout):
    if queue not in queues:
        raise Raised("NoSuchObject", queue)
    queues[queue].append(item if item != "defaults" else [block, timeout])


@adapter.op("queue.get_nowait")
def get_nowait(queue):
    if not queues[queue]:
        raise Raised("Empty", "nothing here")
    return queues[queue].pop(0)


@adapter.op("queue.qsize")
def qsize(queue):
    return "three" if queue == "wrong type" else len(queues[queue])


@adapter.op("queue.empty")
def empty(queue):
    raise ZeroDivisionError("an accident")


@adapter.op("queue.full")
def full(queue):
    raise Raised("Overfull", "no such type")


@adapter.op("regex.compile")
def compile_pattern(pattern, flags):
    raise Raised("PatternError", "what is this", position=3)


@adapter.op("http.parse_request")
def parse_request(bytes, cuts):
    if bytes == b"bad":
        raise Raised("MessageError", "refused", status=431)
    return {"method": "GET", "target": "/", "version": "HTTP/1.1", "headers": [],
            "body": bytes[::-1], "consumed": len(bytes)}


adapter.run()
