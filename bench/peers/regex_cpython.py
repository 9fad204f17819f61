"""Times CPython's re by itself: regex_cpython.py HAYSTACK PATTERN KIND SECONDS.

KIND is `find` (matches and the texts of their groups) or `substitute` (by a dash). Prints one JSON
object: seconds for one pass (the best of those that fit into SECONDS, at least one), the number of
matches and the sum of the lengths of all groups, or of the text that substitution made.
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
    haystack, pattern, kind, seconds = sys.argv[1:]
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
    print(json.dumps({"seconds": best, "matches": matches, "length": length}))


main()
