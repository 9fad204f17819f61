"""Does what WRITING_A_TESTEE.md tells its reader to: worked_example_test.py DOCUMENT BUILD

Installs the build into a folder of its own, writes the document's files, runs its commands there.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

DOCUMENT, BUILD = sys.argv[1:]


def blocks(kind):
    """Code blocks of the document behind a line `<!-- kind: name -->`, as (name, text)."""
    text = pathlib.Path(DOCUMENT).read_text(encoding="utf-8")
    return re.findall(r"<!-- %s: (\S+) -->\n```\w+\n(.*?)^```" % kind, text,
                      flags=re.DOTALL | re.MULTILINE)


def can_run(*command):
    try:
        return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0
    except FileNotFoundError:
        return False


class WorkedExampleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.prefix = cls.folder / "prefix"
        subprocess.run(["cmake", "--install", BUILD, "--prefix", cls.prefix], check=True,
                       stdout=subprocess.DEVNULL)
        for name, text in blocks("file"):
            (cls.folder / name).parent.mkdir(exist_ok=True)
            (cls.folder / name).write_text(text, encoding="utf-8")
        cls.environment = dict(
            os.environ, PREFIX=str(cls.prefix), CCACHE_DISABLE="1",
            PATH="%s:%s" % (cls.prefix / "bin", os.environ["PATH"]))
        # The installed data, not that of the build tree.
        cls.environment.pop("ASSAY_DATA", None)

    def run_commands(self, name):
        (commands,) = (text for block, text in blocks("run") if block == name)
        done = subprocess.run(["sh", "-eux", "-c", commands], cwd=self.folder / name, text=True,
                              env=self.environment, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def check(self, testee, *arguments):
        """Verdicts by slug of one run of assay check, and its exit status."""
        done = subprocess.run(["assay", "check", testee, "--json", "-", *arguments], text=True,
                              cwd=self.folder, env=self.environment, capture_output=True,
                              check=False)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        verdicts = {result["requirement"]: (result["verdict"], result["message"])
                    for result in json.loads(done.stdout)["results"]}
        return verdicts, done.returncode

    def test_python(self):
        self.run_commands("python")
        verdicts, status = self.check("python/testee.toml", "--area", "queue")
        kinds = {verdict for verdict, _ in verdicts.values()}
        self.assertEqual(kinds, {"pass", "expected fail", "not supported"},
                         {slug: verdict for slug, verdict in verdicts.items()
                          if verdict[0] not in ("pass", "expected fail", "not supported")})
        self.assertEqual(status, 0)

    def test_cpp(self):
        output = self.run_commands("cpp")
        self.assertRegex(output, r"assay\.bounded-deque\.queue \.+ +Passed")
        testee = "cpp/build/assay/bounded-deque/testee.toml"
        verdicts, status = self.check(testee, "--area", "queue")
        kinds = {verdict for verdict, _ in verdicts.values()}
        self.assertEqual(kinds, {"pass", "expected fail", "not supported"}, verdicts)
        self.assertEqual(status, 0)

    def check_example(self, folder):
        """Runs the document's commands for it, if there are any, and then the spec."""
        if folder in (name for name, _ in blocks("run")):
            self.run_commands(folder)
        verdicts, status = self.check("%s/testee.toml" % folder, "--area", "queue")
        kinds = {verdict for verdict, _ in verdicts.values()}
        self.assertLessEqual(kinds, {"pass", "expected fail", "not supported"}, verdicts)
        self.assertEqual(status, 0)

    @unittest.skipUnless(shutil.which("go"), "there is no go command")
    def test_go(self):
        self.check_example("go")

    @unittest.skipUnless(shutil.which("ruby"), "there is no ruby command")
    def test_ruby(self):
        self.check_example("ruby")

    @unittest.skipUnless(shutil.which("node"), "Node.js is not here")
    def test_javascript(self):
        self.check_example("javascript")

    @unittest.skipUnless(can_run("/usr/bin/perl", "-MJSON::PP", "-e", "1"), "Perl is not here")
    def test_perl(self):
        self.check_example("perl")

    @unittest.skipUnless(can_run("/usr/bin/lua5.3", "-e", "require 'posix'"), "Lua is not here")
    def test_lua(self):
        self.check_example("lua")

    @unittest.skipUnless(shutil.which("javac") and os.path.exists("/usr/share/java/gson.jar"),
                         "there is no javac or no Gson")
    def test_java(self):
        self.check_example("java")

    @unittest.skipUnless(pathlib.Path("/usr/bin/cargo").exists()
                         and pathlib.Path("/usr/share/cargo/registry").exists(),
                         "Debian's cargo and crates are not here")
    def test_rust(self):
        self.check_example("rust")

    def test_a_new_deviation_is_told(self):
        text = (self.folder / "python/testee.toml").read_text(encoding="utf-8")
        without = self.folder / "strict"
        without.mkdir()
        shutil.copy(self.folder / "python/adapter.py", without)
        (without / "testee.toml").write_text(text.split("[[expect]]")[0], encoding="utf-8")
        verdicts, status = self.check("strict/testee.toml", "--area", "queue")
        self.assertIn("fail", {verdict for verdict, _ in verdicts.values()})
        self.assertEqual(status, 1)


if __name__ == "__main__":
    unittest.main(argv=["worked_example_test.py"])
