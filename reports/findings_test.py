"""FINDINGS.md names what exists: python3 findings_test.py ASSAY FINDINGS.md FOLDER/OF/TESTEES.

Every requirement and every testee that the page mentions, and every entry that its table lists.
Starts no testee.
"""

import fnmatch
import json
import pathlib
import re
import subprocess
import sys
import unittest

ASSAY, PAGE, TESTEES = sys.argv[1:4]
TEXT = pathlib.Path(PAGE).read_text(encoding="utf-8")
ENTRIES = {part.split("\n", 1)[0]: part for part in TEXT.split("\n## ")[1:]}
PARTS = ["- **Who**: ", "- **Evidence**: ", "- **What to do**: ", "\n```console\n$ "]


def slugs():
    listed = subprocess.run([ASSAY, "list", "requirements", "--json"], check=True, timeout=60,
                            capture_output=True, text=True).stdout
    return {each["slug"] for each in json.loads(listed)}


def testees():
    return {each.parent.name for each in pathlib.Path(TESTEES).glob("*/testee.toml")}


def code_spans(text):
    return re.findall(r"`([^`\n]+)`", text)


def requirements_in(text):
    """What stands behind --filter, and code spans of a slug's form: area.group/name, with globs."""
    return set(re.findall(r"--filter '?([^\s']+)", text)) | {
        span for span in code_spans(text) if re.fullmatch(r"[a-z]+\.[a-z-]+/[a-z*-]+", span)}


def testees_in(entry):
    """Those that stand in parentheses, and those that a command is told, directly or by a loop."""
    parentheses = " ".join(re.findall(r"\(`[^)]*\)", entry))
    names = {span for span in code_spans(parentheses) if "/" not in span}
    for command in re.findall(r"^\$ assay check (.*)$", entry, re.MULTILINE):
        names.update(command.split(" -")[0].split())
    names.update(re.findall(r"assay call ([\w-]+) ", entry))
    for loop in re.findall(r"for testee in ([^;]+);", entry):
        names.update(loop.split())
    return names


class Findings(unittest.TestCase):
    def test_each_requirement_exists(self):
        known = slugs()
        for title, entry in ENTRIES.items():
            named = requirements_in(entry)
            self.assertTrue(named or "assay call" in entry, f"{title}: nothing to repeat it by")
            for pattern in named:
                self.assertTrue(fnmatch.filter(known, pattern), f"{title}: no {pattern}")

    def test_each_testee_exists(self):
        known = testees()
        for title, entry in ENTRIES.items():
            named = testees_in(entry)
            self.assertTrue(named, f"{title}: names no testee")
            self.assertEqual(named - known, set(), title)

    def test_each_entry_has_the_same_parts(self):
        for title, entry in ENTRIES.items():
            places = [entry.find(part) for part in PARTS]
            self.assertNotIn(-1, places, title)
            self.assertEqual(places, sorted(places), title)

    def test_the_table_lists_the_entries_in_their_order(self):
        listed = re.findall(r"^\| \[(.+)\]\(#([\w-]+)\) \|", TEXT, re.MULTILINE)
        self.assertEqual([title for title, _ in listed], list(ENTRIES))
        for title, anchor in listed:
            self.assertEqual(anchor, re.sub(r"[^\w-]", "", title.lower().replace(" ", "-")))
        self.assertEqual(len(listed), 20)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
