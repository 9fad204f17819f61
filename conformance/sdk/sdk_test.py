"""What every SDK does for an adapter: python3 sdk_test.py PROTOCOL LANGUAGE COMMAND…

COMMAND starts a test adapter (cpp/test_adapter.cc, python/test_adapter.py); all have the same ops.
What a language has no means for (fork, threads that share) its SDK leaves out, and those tests too.
"""

import ast
import base64
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

from driver import Driver, Failed

PROTOCOL, LANGUAGE, *COMMAND = sys.argv[1:]


def state_of(pid):
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii") as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


class SdkTest(unittest.TestCase):
    def setUp(self):
        self.driver = Driver(COMMAND, PROTOCOL)
        self.addCleanup(self.driver.__exit__)
        self.main = self.driver.accept()

    def skip_without(self, op):
        with self.assertRaises(Failed) as caught:
            self.main.call(op)  # its param is missing
        if caught.exception.error["code"] == -32601:
            self.skipTest("this SDK has no %s" % op)

    def assert_raised(self, error_type, op, **params):
        with self.assertRaises(Failed) as caught:
            self.main.call(op, **params)
        self.assertEqual(caught.exception.error["code"], -32000)
        self.assertEqual(caught.exception.type, error_type)
        return caught.exception.error["data"]

    def assert_code(self, expected, op, **params):
        with self.assertRaises(Failed) as caught:
            self.main.call(op, **params)
        self.assertEqual(caught.exception.error["code"], expected)
        return caught.exception.error["message"]

    def test_hello_of_main(self):
        hello = self.main.hello
        pid = self.driver.process.pid
        # A Java program's main function runs in a thread that the virtual machine starts.
        tid = hello["tid"] if LANGUAGE == "Java" else pid
        self.assertTrue(os.path.exists("/proc/%d/task/%d" % (pid, tid)))
        self.assertEqual(hello, {
            "protocol": 1, "actor": "main", "pid": pid, "tid": tid,
            "implementation": {"name": "test adapter", "version": "1.2", "language": LANGUAGE},
            "supports": ["queue", "-queue.close"]})

    def test_results_and_defaults(self):
        self.assertIsNone(self.main.call("queue.open", queue="q"))
        self.main.call("queue.put", queue="q", item={"α": [1, 2.5, None, "中😀"]})
        self.main.call("queue.put", queue="q", item="defaults")
        self.assertEqual(self.main.call("queue.qsize", queue="q"), 2)
        self.assertEqual(self.main.call("queue.get_nowait", queue="q"), {"α": [1, 2.5, None, "中😀"]})
        self.assertEqual(self.main.call("queue.get_nowait", queue="q"), [True, None])

    def test_raised_conditions(self):
        self.main.call("queue.open", queue="q")
        data = self.assert_raised("Empty", "queue.get_nowait", queue="q")
        self.assertEqual(data, {"type": "Empty", "message": "nothing here"})
        data = self.assert_raised("PatternError", "regex.compile", pattern="(")
        self.assertEqual(data["position"], 3)
        bad = {"base64": base64.b64encode(b"bad").decode()}
        data = self.assert_raised("MessageError", "http.parse_request", bytes=bad)
        self.assertEqual(data["status"], 431)

    def test_failures_of_the_adapter_are_internal_errors(self):
        self.assertIn("an accident",
                      self.assert_raised("InternalError", "queue.empty", queue="q")["message"])
        self.assertIn("Overfull",
                      self.assert_raised("InternalError", "queue.full", queue="q")["message"])
        data = self.assert_raised("InternalError", "queue.qsize", queue="wrong type")
        self.assertIn("three", data["message"])
        self.main.call("queue.open", queue="q")  # and it goes on

    def test_requests_that_do_not_fit(self):
        self.assert_code(-32601, "queue.close", queue="q")
        self.assert_code(-32601, "queue.sharpen")
        self.assertIn("queue", self.assert_code(-32602, "queue.open"))
        self.assertIn("colour", self.assert_code(-32602, "queue.open", queue="q", colour=1))
        self.assert_code(-32602, "queue.open", queue=3)
        self.assert_code(-32602, "queue.put", queue="q", item=1, timeout="soon")
        self.assert_code(-32602, "queue.put", queue="q", item=1, block=1)
        self.assert_code(-32602, "http.parse_request", bytes={"base64": "*"})
        self.assert_code(-32602, "http.parse_request", bytes={"base64": ""}, cuts=[1.5])

    def test_lines_that_are_no_requests(self):
        for line, code in (("{", -32700), ("[" * 5000, -32700), ("[]", -32600), ("{}", -32600),
                           ('{"id":7}', -32600), ('{"id":7,"method":3}', -32600)):
            self.main.write(line)
            self.assertEqual(self.main.read()["error"]["code"], code, line)
        self.main.call("queue.open", queue="q")

    def test_bytes(self):
        data = bytes(range(256)) * 4096
        result = self.main.call("http.parse_request",
                                bytes={"base64": base64.b64encode(data).decode()})
        self.assertEqual(result["consumed"], len(data))
        self.assertEqual(base64.b64decode(result["body"]["base64"]), data[::-1])

    def test_many_at_once_are_answered_in_order(self):
        self.main.call("queue.open", queue="q")
        for size in (1, 100, 2000):
            begun = [self.main.begin("queue.put", {"queue": "q", "item": "x" * size})
                     for _ in range(100)]
            for identity in begun:
                self.main.finish(identity)
        self.assertEqual(self.main.call("queue.qsize", queue="q"), 300)

    def test_script(self):
        steps = [{"op": "queue.put", "params": {"queue": "s", "item": 1}},
                 {"op": "queue.get_nowait", "params": {"queue": "s"}},
                 {"op": "queue.get_nowait", "params": {"queue": "s"}}]
        self.main.call("queue.open", queue="s")
        before = time.monotonic_ns()
        done = self.main.call("script.run", steps=steps, repeat=2)
        after = time.monotonic_ns()
        self.assertEqual([e["step"] for e in done["events"]], [0, 1, 2, 0, 1, 2])
        self.assertEqual([e.get("result", "none") for e in done["events"]], [None, 1, "none"] * 2)
        self.assertEqual(done["events"][5]["error"]["type"], "Empty")
        stamps = [t for e in done["events"] for t in (e["start_ns"], e["end_ns"])]
        self.assertEqual(stamps, sorted(stamps))
        self.assertTrue(before <= stamps[0] and stamps[-1] <= after)
        self.assertLessEqual(done["elapsed_ns"], after - before)

    def test_script_without_log(self):
        steps = [{"op": "queue.get_nowait", "params": {"queue": "empty"}},  # raises unnoticed
                 {"op": "data.add", "params": {"name": "performed"}}]
        self.main.call("queue.open", queue="empty")
        done = self.main.call("script.run", steps=steps, repeat=3, log=False)
        self.assertEqual(done["events"], [])
        self.assertGreater(done["elapsed_ns"], 0)
        self.assertEqual(self.main.call("data.add", name="performed", by=0), 3)

    def test_script_refuses_what_it_must_not_hold(self):
        for op in ("script.run", "actor.exit", "queue.close", "no.such"):
            self.assert_raised("ValueError", "script.run", steps=[{"op": op}])
        self.assert_code(-32602, "script.run", steps=[{"op": "queue.qsize"}])

    def test_function(self):
        raises = {"op": "script.raise", "params": {"type": "Empty", "message": "gone"}}
        add = {"op": "data.add", "params": {"name": "n"}}
        value = self.main.call("script.call", arguments=[7, 8], steps=[
            {"op": "script.argument", "params": {"index": 1}},
            {"op": "event.log", "use": "value"},
            {"op": "script.try", "params": {
                "steps": [raises], "catch": "Empty",
                "handler": [{"op": "event.log", "use": "value"}],
                "finally": [{"op": "event.log", "params": {"value": "finally"}}]}},
            {"op": "script.repeat", "params": {"times": 3, "steps": [add]}},
            {"op": "script.return", "use": "value"},
            raises])
        self.assertEqual(value, 3)
        self.assertEqual([event["value"] for event in self.driver.events()], [8, "gone", "finally"])
        self.assertEqual(self.driver.events()[0]["pid"], self.main.hello["pid"])
        data = self.assert_raised("Empty", "script.call", steps=[raises])
        self.assertEqual(data["message"], "gone")
        uncaught = {"op": "script.try", "params": {"steps": [raises], "catch": "Full"}}
        self.assert_raised("Empty", "script.call", steps=[uncaught])
        self.assertEqual(self.main.call("script.call", steps=[add]), 4)  # the last step's result

    def test_function_refuses_what_it_must_not_hold(self):
        for op in ("script.run", "actor.exit", "no.such", "queue.close"):
            self.assert_raised("ValueError", "script.call", steps=[{"op": op}])
        self.assert_code(-32602, "script.call", steps=[{"op": "queue.qsize"}])
        for op, params in (("script.argument", {}), ("script.return", {}),
                           ("script.repeat", {"steps": []}), ("script.try", {"steps": []})):
            self.assert_raised("ValueError", op, **params)

    def test_globals_and_memory(self):
        self.main.call("data.set", name="x", value=[1])
        self.main.call("data.append", name="x", value={"a": 2})
        self.assertEqual(self.main.call("data.get", name="x"), [1, {"a": 2}])
        self.assert_raised("KeyError", "data.get", name="y")
        self.main.call("memory.allocate", name="m", bytes=10000)
        self.main.call("memory.write", name="m", offset=9999, bytes=1, value=7)
        self.assertEqual([self.main.call("memory.read", name="m", offset=i) for i in (9998, 9999)],
                         [1, 7])
        self.assert_raised("ValueError", "memory.write", name="m", offset=1, bytes=10000, value=7)
        self.assert_raised("ValueError", "memory.read", name="m", offset=-1)
        self.assert_raised("NoSuchObject", "memory.read", name="other")

    def test_identity_and_time(self):
        me = self.main.call("process.self")
        self.assertEqual(me["pid"], self.main.hello["pid"])
        self.assertEqual(me["ppid"], os.getpid())
        before = time.monotonic()
        self.main.call("time.sleep", seconds=0.05)
        self.assertGreaterEqual(time.monotonic() - before, 0.05)
        self.assertEqual(self.main.call("time.compute", rounds=10), 915143170824148232)

    def test_thread_shares_everything(self):
        self.skip_without("thread.start")
        self.main.call("queue.open", queue="q")
        self.assertIsNone(self.main.call("thread.start", actor="worker"))
        worker = self.driver.accept()
        self.assertEqual(worker.hello["actor"], "worker")
        self.assertEqual(worker.hello["pid"], self.main.hello["pid"])
        self.assertNotEqual(worker.hello["tid"], self.main.hello["tid"])
        if LANGUAGE == "JavaScript":  # a Worker has objects of its own
            worker.call("queue.open", queue="q")
        worker.call("queue.put", queue="q", item="from the thread")
        owner = worker if LANGUAGE == "JavaScript" else self.main
        self.assertEqual(owner.call("queue.get_nowait", queue="q"), "from the thread")
        worker.call("actor.exit")
        self.assertTrue(worker.is_at_end())
        self.main.call("queue.qsize", queue="q")
        self.assert_raised("ValueError", "thread.start", actor="worker")

    def test_uncaught_exceptions(self):
        self.skip_without("process.start")
        self.main.call("process.start", actor="child")
        child = self.driver.accept()
        self.assertIsNone(child.call("actor.raise", type="KeyError", message="lost"))
        self.assertTrue(child.is_at_end())
        self.main.call("queue.open", queue="q")  # the parent goes on
        self.main.call("actor.raise", message="the end")
        self.assertNotEqual(self.driver.process.wait(30), 0)

    def test_process_inherits_and_goes_its_own_way(self):
        self.skip_without("process.start")
        self.main.call("queue.open", queue="q")
        self.main.call("queue.put", queue="q", item="inherited")
        self.assertIsNone(self.main.call("process.start", actor="child"))
        child = self.driver.accept()
        self.assertEqual(child.hello["actor"], "child")
        self.assertNotEqual(child.hello["pid"], self.main.hello["pid"])
        self.assertEqual(set(child.hello), {"protocol", "actor", "pid", "tid"})
        self.main.call("queue.put", queue="q", item="later")
        self.assertEqual(child.call("queue.qsize", queue="q"), 1)
        self.assertEqual(child.call("queue.get_nowait", queue="q"), "inherited")
        self.assertIsNone(child.call("process.start", actor="grandchild"))
        self.assertEqual(self.driver.accept().call("queue.qsize", queue="q"), 0)
        self.assertEqual(self.main.call("queue.qsize", queue="q"), 2)

    def test_process_names(self):
        self.skip_without("process.start")
        for name in ("", "main"):
            self.assert_raised("ValueError", "process.start", actor=name)
        self.main.call("process.start", actor="one")
        self.driver.accept()
        self.assert_raised("ValueError", "process.start", actor="one")

    def test_process_started_by_a_script(self):
        self.skip_without("process.start")
        step = {"op": "process.start", "params": {"actor": "scripted"}}
        self.main.call("script.run", steps=[step])
        self.assertEqual(self.driver.accept().hello["actor"], "scripted")

    def test_ended_children_are_reaped(self):
        self.skip_without("process.start")
        self.main.call("process.start", actor="exits")
        self.main.call("process.start", actor="killed")
        actors = [self.driver.accept(), self.driver.accept()]
        by_name = {actor.hello["actor"]: actor for actor in actors}
        by_name["exits"].call("actor.exit", code=3)
        os.kill(by_name["killed"].hello["pid"], signal.SIGKILL)
        deadline = time.monotonic() + 30
        for actor in actors:
            while state_of(actor.hello["pid"]) is not None:
                self.assertLess(time.monotonic(), deadline, "still there, a zombie")
                os.sched_yield()
        self.main.call("queue.open", queue="q")

    def test_exit(self):
        self.assert_code(-32602, "actor.exit", code=256)
        self.assertIsNone(self.main.call("actor.exit", code=7))
        self.assertTrue(self.main.is_at_end())
        self.assertEqual(self.driver.process.wait(30), 7)

    def test_end_of_file_ends_it(self):
        self.main.close()
        self.assertEqual(self.driver.process.wait(30), 0)


@unittest.skipUnless(LANGUAGE == "Python", "about the Python SDK's own text")
class SourceTest(unittest.TestCase):
    def test_it_is_python_3_8_and_needs_the_standard_library_alone(self):
        path = pathlib.Path(__file__).parent / "python" / "assay_sdk.py"
        tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
        imported = [name.name for node in ast.walk(tree) if isinstance(node, ast.Import)
                    for name in node.names]
        self.assertTrue(set(imported) <= set(sys.stdlib_module_names), imported)


class ByHandTest(unittest.TestCase):
    def test_without_assay_it_says_what_it_is(self):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ASSAY_SOCKET")}
        done = subprocess.run(COMMAND, env=environment, stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("an adapter of assay for test adapter", done.stderr)
        self.assertIn("assay check", done.stderr)

    def test_without_a_listener_it_fails(self):
        done = subprocess.run(COMMAND, env=dict(os.environ, ASSAY_SOCKET="/nowhere",
                                                ASSAY_PROTOCOL=PROTOCOL),
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60,
                              check=False)
        self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    unittest.main(argv=["sdk_test.py"])
