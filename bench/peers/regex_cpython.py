"""Times CPython's re by itself: regex_cpython.py HAYSTACK PATTERN KIND SECONDS MATCHES LENGTH.

KIND is `find` (matches and the texts of their groups) or `substitute` (by a dash). Prints one JSON
object: seconds for one pass, the unit (the best of those that fit into SECONDS, at least one), and
whether there were so many matches and the lengths of all groups, or of the text that substitution
made, had this sum.
"""
import json
import re
import sys
import time


def find(pattern, text):
    matches = length = 0
    for each in pattern.finditer(text):
        matches += 1
        length += sum(map(len, filter(None, each.groups()))) if pattern.groups else len(each[0])
    return matches, length


def substitute(pattern, text):
    replaced, matches = pattern.subn("-", text)
    return matches, len(replaced)


def main():
    haystack, pattern, kind, seconds, *expected = sys.argv[1:]
    with open(haystack, encoding="ascii") as file:
        text = file.read()
    compiled = re.compile(pattern)
    work = {"find": find, "substitute": substitute}[kind]
    best = None
    begin = time.perf_counter()
    while best is None or time.perf_counter() - begin < float(seconds):
        start = time.perf_counter()
        matches, length = work(compiled, text)
        took = time.perf_counter() - start
        best = took if best is None else min(best, took)
    right = [matches, length] == [int(each) for each in expected]
    print(json.dumps({"seconds": best, "units": 1, "right": right}))


main()
