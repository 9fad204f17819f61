"""The program as a user runs it: python3 program_test.py PATH/OF/assay.

Exit statuses, the forms of its JSON, JUnit, and what it says about bad input.
"""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree

ASSAY = ""


def needs_saboteurs(test):
    def run_or_skip(self):
        if not os.path.exists(os.path.join(os.path.dirname(ASSAY), "assay-saboteur")):
            self.skipTest("built without saboteurs")
        test(self)
    return run_or_skip


def run(*arguments, stdin=None, timeout=120, check_status=None):
    done = subprocess.run([ASSAY, *arguments], input=stdin, capture_output=True, text=True,
                          timeout=timeout)
    if check_status is not None and done.returncode != check_status:
        raise AssertionError(f"assay {' '.join(arguments)}: exit status {done.returncode}, "
                             f"expected {check_status}\n{done.stdout}\n{done.stderr}")
    return done


def call(op, **params):
    return run("call", "reference", op, json.dumps(params), check_status=0).stdout


def run_unread(*arguments):
    """With a standard output whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return subprocess.run([ASSAY, *arguments], stdin=subprocess.DEVNULL, stdout=writer,
                              stderr=subprocess.PIPE, text=True, timeout=120, check=False)
    finally:
        os.close(writer)


class Output(unittest.TestCase):
    def test_who_stops_reading_ends_it_quietly(self):
        for arguments in (("--help",), ("list", "areas"), ("list", "requirements", "--json"),
                          ("call", "reference", "process.self"),
                          ("check", "reference", "--filter", "queue.size/*"),
                          ("check", "reference", "--filter", "queue.size/*", "--json", "-")):
            done = run_unread(*arguments)
            self.assertEqual((done.returncode, done.stderr if "-" not in arguments else ""),
                             (-signal.SIGPIPE, ""), arguments)

    def test_files_are_written_all_the_same(self):
        with tempfile.TemporaryDirectory() as folder:
            files = [os.path.join(folder, name) for name in ("r.json", "r.xml")]
            # More text than a buffer holds, so that the failure comes before the end.
            done = run_unread("check", "reference", "--area", "queue", "--verbose",
                              "--json", files[0], "--junit", files[1])
            self.assertEqual((done.returncode, done.stderr), (-signal.SIGPIPE, ""))
            with open(files[0], encoding="utf-8") as file:
                self.assertGreater(len(json.load(file)["results"]), 20)
            xml.etree.ElementTree.parse(files[1])

    def test_a_full_disk_is_told(self):
        for arguments in (("list", "areas"), ("list", "areas", "--json"),
                          ("call", "reference", "process.self")):
            with open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([ASSAY, *arguments], stdout=full, stderr=subprocess.PIPE,
                                      text=True, timeout=120, check=False)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn("No space left on device", done.stderr, arguments)

    def test_what_is_no_ordinary_file_is_written_to_and_not_replaced(self):
        with tempfile.TemporaryDirectory() as folder:
            pipe, link, target = (os.path.join(folder, name) for name in ("pipe", "link", "target"))
            os.mkfifo(pipe)
            reader = os.open(pipe, os.O_RDWR)  # so that nobody waits
            results = os.path.join(folder, "r.json")
            run("check", "reference", "--filter", "queue.size/*", "--json", results,
                check_status=0)
            run("compare", results, results, "--json", pipe, check_status=0)
            self.assertTrue(os.read(reader, 1 << 16).startswith(b"{"))
            os.close(reader)
            with open(target, "w", encoding="utf-8"):
                os.symlink(target, link)
            run("compare", results, results, "--json", link, check_status=0)
            self.assertTrue(os.path.islink(link))
            self.assertTrue(os.path.getsize(target))


# A testee whose adapter never says hello, and has a child in a session of its own.
SILENT = """
name = "silent"
implementation = "sleep"
language = "sh"
summary = "waits"
supports = ["queue"]
[adapter]
command = ["sh", "-c", "setsid sleep 600 & echo $! >{testee}/child; sleep 600"]
"""


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition, seconds=30):
    deadline = time.monotonic() + seconds * float(os.environ.get("ASSAY_TIME_SCALE", 1))
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("it did not happen in time")
        time.sleep(0.01)


class Interrupted(unittest.TestCase):
    def test_nothing_that_testees_started_is_left(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            with tempfile.TemporaryDirectory() as folder:
                toml, child = (os.path.join(folder, name) for name in ("testee.toml", "child"))
                with open(toml, "w", encoding="utf-8") as file:
                    file.write(SILENT)
                # As from a terminal, the signal goes to the whole group.
                with subprocess.Popen([ASSAY, "check", toml], stdout=subprocess.DEVNULL,
                                      start_new_session=True) as running:
                    wait_for(lambda: os.path.exists(child) and os.path.getsize(child))
                    with open(child, encoding="ascii") as file:
                        left = int(file.read())
                    self.assertTrue(is_alive(left))
                    if number == signal.SIGKILL:
                        running.kill()
                    else:
                        os.killpg(running.pid, number)
                    self.assertEqual(running.wait(timeout=60), -number)
                wait_for(lambda: not is_alive(left))


class Call(unittest.TestCase):
    def test_a_match_has_exactly_span_and_groups(self):
        printed = run("call", "reference", "regex.search", '{"pattern":"a(b)?","text":"xab"}',
                      check_status=0).stdout
        self.assertEqual(printed, '{"span":[1,3],"groups":["b"]}\n')

    def test_no_match_is_null(self):
        self.assertEqual(call("regex.match", pattern="b", text="ab"), "null\n")

    def test_findall_and_sub_have_pythons_forms(self):
        self.assertEqual(json.loads(call("regex.findall", pattern="(a)(b)?", text="aba")),
                         [["a", "b"], ["a", ""]])
        self.assertEqual(json.loads(call("regex.sub", pattern=r"\d+", template="<\\g<0>>",
                                         text="1 22")), {"text": "<1> <22>", "count": 2})

    def test_an_error_has_type_and_message(self):
        error = json.loads(call("regex.search", pattern="(", text=""))["error"]
        self.assertEqual(error["type"], "PatternError")
        self.assertIn("unterminated subpattern", error["message"])

    def test_http_request_is_parsed(self):
        parsed = json.loads(call("http.parse_request", bytes={
            "base64": "R0VUIC8gSFRUUC8xLjENCkhvc3Q6IGENCg0K"}))
        self.assertEqual((parsed["method"], parsed["target"], parsed["version"]),
                         ("GET", "/", "HTTP/1.1"))
        self.assertEqual(parsed["headers"], [["Host", "a"]])

    def test_lines_are_answered_in_order(self):
        count = 20000
        lines = "".join(json.dumps({"op": "regex.search",
                                    "args": {"pattern": f"b{i % 10}", "text": "ab7"}}) + "\n"
                        for i in range(count))
        began = time.monotonic()
        answers = run("call", "reference", "-", stdin=lines, check_status=0).stdout.splitlines()
        elapsed = time.monotonic() - began
        self.assertEqual(len(answers), count)
        for i, answer in enumerate(answers):
            self.assertEqual(answer, '{"span":[1,3],"groups":[]}' if i % 10 == 7 else "null")
        print(f"{count / elapsed:.0f} calls a second")

    def test_a_bad_line_is_answered_and_the_next_one_too(self):
        done = run("call", "reference", "-", check_status=0, stdin=(
            'nonsense\n{"op":"no.such","args":{}}\n{"op":"regex.search","args":{"pattern":"a"}}\n'
            '{"op":"regex.search","args":{"pattern":"a","text":"a"}}\n'))
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(answers), 4)
        for answer in answers[:3]:
            self.assertIn("error", answer)
        self.assertEqual(answers[3], {"span": [0, 1], "groups": []})

    def test_bad_arguments_are_explained(self):
        done = run("call", "reference", "regex.search", "{not json}")
        self.assertEqual(done.returncode, 2)
        self.assertIn("JSON", done.stderr)
        done = run("call", "nobody", "regex.search", "{}")
        self.assertEqual(done.returncode, 2)
        self.assertIn("nobody", done.stderr)


class Lists(unittest.TestCase):
    @needs_saboteurs
    def test_requirements_have_every_field(self):
        listed = json.loads(run("list", "requirements", "--json", check_status=0).stdout)
        self.assertGreater(len(listed), 150)
        for each in listed:
            for key in ("slug", "level", "area", "sentence", "source", "covers", "erratum",
                        "saboteurs"):
                self.assertIn(key, each)
            self.assertTrue(each["slug"].startswith(each["area"] + "."), each["slug"])
            self.assertIn(each["level"], ("must", "should", "may"))
            self.assertTrue(each["saboteurs"], f"{each['slug']} has no saboteur")

    def test_testees_and_areas_are_listed(self):
        testees = json.loads(run("list", "testees", "--json", check_status=0).stdout)
        self.assertIn("reference", [each["name"] for each in testees])
        areas = json.loads(run("list", "areas", "--json", check_status=0).stdout)
        requirements = json.loads(run("list", "requirements", "--json").stdout)
        self.assertEqual([each["area"] for each in areas],
                         list(dict.fromkeys(each["area"] for each in requirements)))
        self.assertIn("queue", [each["area"] for each in areas])

    def test_a_requirement_is_explained_once(self):
        slug = "queue.get/timeout-raises-empty"
        said = run("explain", slug, check_status=0).stdout
        self.assertEqual(said.count(slug + "  (must)"), 1, said)
        self.assertRegex(said, rf"\npass +reference +{re.escape(slug)}\n")
        self.assertRegex(said, r"\nnot supported .*\bpcre2\b")

    def test_a_misspelt_requirement_is_an_error(self):
        self.assertEqual(run("explain", "queue.nonsense/x").returncode, 2)


class Compare(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def timings(self, name, times):
        path = os.path.join(self.folder.name, name)
        rows = [{"name": "BM_x/8", "real_time": time, "time_unit": "ns"} for time in times]
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"context": {}, "benchmarks": rows}, file)
        return path

    def test_exit_status_says_whether_anything_got_worse(self):
        old = self.timings("old", [10, 11, 12, 13])
        new = self.timings("new", [20, 21, 22, 23])
        self.assertIn("slower", run("compare", old, new, check_status=1).stdout)
        self.assertIn("faster", run("compare", new, old, check_status=0).stdout)
        lenient = run("compare", old, new, "--threshold", "200", "--json", "-", check_status=0)
        self.assertEqual(json.loads(lenient.stdout)["timings"][0]["verdict"], "same")

    def test_a_file_that_cannot_be_read_is_named(self):
        old = self.timings("old", [10])
        self.assertIn("/dev/null: no JSON",
                      run("compare", old, "/dev/null", check_status=2).stderr)
        self.assertIn("not as", run("compare", old, self.timings("new", ["x"]),
                                    check_status=2).stderr)


class Check(unittest.TestCase):
    def test_result_file_has_its_schema(self):
        with tempfile.TemporaryDirectory() as folder:
            json_file = os.path.join(folder, "r.json")
            junit_file = os.path.join(folder, "r.xml")
            run("check", "reference", "--filter", "queue.*", "--json", json_file, "--junit",
                junit_file, check_status=0)
            with open(json_file, encoding="utf-8") as file:
                results = json.load(file)
            self.assertEqual(results["schema"], 1)
            self.assertEqual(results["testees"][0]["name"], "reference")
            for key in ("name", "version", "language", "supports"):
                self.assertIn(key, results["testees"][0])
            for each in results["results"]:
                for key in ("testee", "area", "requirement", "level", "verdict", "expected",
                            "duration_ms", "message", "transcript"):
                    self.assertIn(key, each)
                self.assertEqual(each["verdict"], "pass")
                self.assertTrue(each["transcript"])
            suite = xml.etree.ElementTree.parse(junit_file).getroot().find("testsuite")
            self.assertEqual(int(suite.get("tests")), len(results["results"]))

    def test_evidence_of_known_deviations_is_shown_on_request(self):
        slug = "regex.anchors/end-of-text"
        asked = ("check", "pcre2", "--filter", slug)
        self.assertNotIn("the exchange:", run(*asked, check_status=0).stdout)
        shown = run(*asked, "-v", check_status=0).stdout
        for part in ("expectation: ", "the exchange:", '"pattern"'):
            self.assertIn(part, shown)

    @needs_saboteurs
    def test_a_saboteur_of_every_area_can_be_checked(self):
        requirements = json.loads(run("list", "requirements", "--json").stdout)
        first = {each["area"]: each for each in reversed(requirements)}
        for each in first.values():
            run("check", f"saboteur:{each['slug']}+{each['saboteurs'][0]}", "--filter",
                each["slug"], check_status=1)

    def test_filters_take_and_leave_out(self):
        def checked(*filters):
            arguments = [each for glob in filters for each in ("--filter", glob)]
            printed = run("check", "reference", "--area", "iterator", *arguments, "--json", "-",
                          check_status=0).stdout
            return {each["requirement"] for each in json.loads(printed)["results"]}

        every = checked()
        group = {slug for slug in every if slug.startswith("iterator.next/")}
        self.assertTrue(group and group < every)
        self.assertEqual(checked("iterator.next/*"), group)
        self.assertEqual(checked("!iterator.next/*"), every - group)
        one = min(group)
        self.assertEqual(checked("iterator.next/*", "!" + one), group - {one})

    @needs_saboteurs
    def test_a_deviation_prints_its_evidence_and_exits_1(self):
        saboteur = json.loads(run("list", "requirements", "--json").stdout)[0]
        variant = f"saboteur:{saboteur['slug']}+{saboteur['saboteurs'][0]}"
        done = run("check", variant, "--filter", saboteur["slug"], check_status=1)
        for part in (saboteur["slug"], saboteur["sentence"], saboteur["source"][0]["text"],
                     "the exchange:", f"again: assay check {variant}"):
            self.assertIn(part, done.stdout)

    @needs_saboteurs
    def test_what_this_machine_lacks_is_named_and_is_no_pass(self):
        # In a user namespace that may not have network namespaces there is no wire.
        confined = ["unshare", "--user", "--map-root-user", "sh", "-c",
                    'echo 0 >/proc/sys/user/max_net_namespaces && exec "$0" "$@"']
        if subprocess.run([*confined, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("this machine has no user namespaces for us")
        slug = "udp.interface/down-at-the-sender"

        def run_confined(*arguments):
            done = subprocess.run([*confined, ASSAY, *arguments], capture_output=True, text=True,
                                  timeout=120, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            return done.stdout

        with tempfile.TemporaryDirectory() as folder:
            json_file = os.path.join(folder, "r.json")
            junit_file = os.path.join(folder, "r.xml")
            printed = run_confined("check", "reference", "--filter", slug, "--json", json_file,
                                   "--junit", junit_file)
            with open(json_file, encoding="utf-8") as file:
                result = json.load(file)["results"][0]
            self.assertEqual((result["verdict"], result["expected"]), ("not here", True))
            self.assertIn("no network namespaces", result["message"])
            self.assertIn(f"1 requirement not judged: {result['message']}\n  {slug}\n", printed)
            self.assertIn("1 not here", printed)
            self.assertNotIn("1/1", printed)
            skipped = xml.etree.ElementTree.parse(junit_file).getroot().find(".//skipped")
            self.assertEqual(skipped.get("message"), "not here: " + result["message"])
            printed = run_confined("sabotage", "--filter", slug, "--json", json_file)
            self.assertIn("0 of 1 saboteurs caught", printed)
            self.assertIn("1 not here: neither caught nor escaped", printed)
            with open(json_file, encoding="utf-8") as file:
                saboteur = json.load(file)["saboteurs"][0]
            self.assertEqual((saboteur["caught"], saboteur["verdict"]), (False, "not here"))

    def test_bad_input_exits_2_and_says_what(self):
        for arguments, said in ((("check",), "TESTEE"),
                                (("check", "nobody"), "nobody"),
                                (("check", "reference", "--area", "nothing"), "nothing"),
                                (("check", "reference", "--filter", "nothing*"), "nothing*"),
                                (("check", "reference", "--filter", "!nothing*"), "!nothing*"),
                                (("check", "reference", "--jobs", "0"), "jobs"),
                                (("frobnicate",), "frobnicate")):
            done = run(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn(said, done.stderr, arguments)

    def test_report_of_benchmark_files_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            page = os.path.join(folder, "page.html")
            good = os.path.join(folder, "good.json")
            bad = os.path.join(folder, "bad.json")
            with open(good, "w", encoding="utf-8") as file:
                json.dump({"context": {}, "benchmarks": [{"name": "BM_a/1", "real_time": 2}]}, file)
            with open(bad, "w", encoding="utf-8") as file:
                json.dump({"context": {}, "benchmarks": [{"real_time": 2}]}, file)
            if os.path.exists(os.path.join(os.path.dirname(ASSAY), "../share/assay/report.html")):
                run("report", "--benchmark", good, "--output", page, check_status=0)
                self.assertTrue(os.path.exists(page))
            for arguments, said in ((("--benchmark", bad), "bad.json: benchmarks[0]"),
                                    (("--benchmark", good, good), "given twice"),
                                    (("--benchmark", good, "--results", good), "excludes"),
                                    ((), "--results FILE")):
                done = run("report", *arguments, "--output", page + ".no", check_status=2)
                self.assertIn(said, done.stderr, arguments)
                self.assertFalse(os.path.exists(page + ".no"), arguments)

    def check_described(self, supports, more, *options, folder=""):
        with tempfile.TemporaryDirectory(suffix=folder) as folder:
            path = os.path.join(folder, "testee.toml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(f'name = "mine"\nlanguage = "C"\nsupports = ["{supports}"]\n'
                           '[server]\ncommand = ["/bin/false", "{port}"]\n' + more)
            return run("check", *options, path), path

    def test_an_expectation_of_no_requirement_is_an_error(self):
        done, _ = self.check_described("server", '[[expect]]\nrequirement = "server.none/such"\n'
                                                 'verdict = "fail"\nreason = "none"\n')
        self.assertEqual(done.returncode, 2)
        self.assertIn("server.none/such", done.stderr)

    def test_support_of_what_does_not_exist_is_an_error(self):
        for entry in ("sever", "-server.pat", "server.path/nothing"):
            done, _ = self.check_described(entry, "")
            self.assertEqual(done.returncode, 2, entry)
            self.assertIn(f"supports names {entry.lstrip('-')}, which is no", done.stderr)

    def test_a_path_may_follow_an_option_and_is_named_again(self):
        done, path = self.check_described("server", "", "--filter", "server.start/usage-line")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(f"again: assay check {path} --filter server.start/usage-line\n", done.stdout)

    def test_what_a_shell_would_split_or_expand_is_quoted(self):
        done, path = self.check_described("server", "", "--filter", "server.start/usage-line",
                                          folder="it's a $HOME")
        again = re.search("again: (.*)\n", done.stdout).group(1)
        self.assertEqual(shlex.split(again),
                         ["assay", "check", path, "--filter", "server.start/usage-line"])


if __name__ == "__main__":
    ASSAY = sys.argv.pop(1)
    unittest.main(verbosity=1)
