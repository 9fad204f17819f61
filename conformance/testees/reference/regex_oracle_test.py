"""The reference's regex against CPython's re: python3 regex_oracle_test.py ASSAY [COUNT [SEED]].

Random patterns, right and wrong ones, with random texts: answers, errors and their positions must
be the same. Runs under the Python that is judged as the oracle, 3.11.
"""

import json
import random
import re
from re import _parser
import subprocess
import sys
import warnings

warnings.simplefilter("ignore")

# Possessive repeats stand over what cannot be empty: there CPython 3.11 itself goes astray.
ATOMS = ["a", "b", "ab", ".", "\\d", "\\w", "\\s", "\\W", "\\D", "[ab]", "[^a]", "[a-c]", "[\\d_]",
         "1", "-", " ", "\\b", "\\B", "^", "$", "\\A", "\\Z", "中", "é", "\\n", "[^\\w]", "[]a]",
         "[a-]", "\\.", "\\x61", "\\u4e2d", "K", "a*+", "[ab]++"]
QUANTIFIERS = ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{,2}", "{1,}", "{0,1}?"]
LETTERS = ["a", "b", "c", "ab", "1", "-", " ", "\n", "中", "é", "A", "K", "_", "٣", "𝟙", "\t"]
NOISE = ["(", ")", "[", "]", "*", "+", "?", "{", "}", "|", "\\", "(?", "(?P", "(?P<n>", "(?P=n)",
         "\\1", "\\2", "(?:", "(?=", "(?!", "(?<=", "(?<!", "{2,1}", "\\q", "(?i)", "(?#", "(?(1)",
         "a", "b", "^", "$", "-", "[b-a]", "\\x1", "\\u12", "\\08", "\\400", "(?>", "(?-i:", "(?z)"]


def pattern(rng, depth, state):
    kind = rng.random()
    if depth == 0 or kind < 0.35:
        return rng.choice(ATOMS)
    if kind < 0.55:
        return pattern(rng, depth - 1, state) + pattern(rng, depth - 1, state)
    if kind < 0.65:
        return "(?:" + pattern(rng, depth - 1, state) + "|" + pattern(rng, depth - 1, state) + ")"
    if kind < 0.8:
        inner = pattern(rng, depth - 1, state)
        return "(?:" + inner + ")" + rng.choice(quantifiers_for(inner))
    if kind < 0.93:
        state[0] += 1
        number = state[0]
        inner = pattern(rng, depth - 1, state)
        after = "\\" + str(number) if rng.random() < 0.3 else ""
        return "(" + inner + ")" + after
    return rng.choice(["(?=", "(?!"]) + pattern(rng, depth - 1, state) + ")"


def quantifiers_for(inner):
    # How often an item that matches nothing is counted is an accident of each engine.
    try:
        can_be_empty = _parser.parse(inner).getwidth()[0] == 0
    except re.error:  # it refers to a group outside
        can_be_empty = True
    return QUANTIFIERS[:6] if can_be_empty else QUANTIFIERS


def noise(rng):
    return "".join(rng.choice(NOISE) for _ in range(rng.randint(1, 5)))


def oracle(case):
    args = case["args"]
    flags = 0
    for letter in args["flags"]:
        flags |= {"a": re.A, "i": re.I, "m": re.M, "s": re.S, "x": re.X}[letter]
    try:
        compiled = re.compile(args["pattern"], flags)
    except re.error as error:
        return {"error": {"type": "PatternError", "message": error.msg, "position": error.pos}}
    except (OverflowError, RecursionError):
        return None
    shape = lambda m: m and {"span": list(m.span()), "groups": list(m.groups())}
    op = case["op"]
    if op == "regex.findall":
        return [list(x) if isinstance(x, tuple) else x for x in compiled.findall(args["text"])]
    if op == "regex.sub":
        text, count = compiled.subn(args["template"], args["text"])
        return {"text": text, "count": count}
    if op == "regex.split":
        return compiled.split(args["text"])
    return shape(getattr(compiled, op.split(".")[1])(args["text"]))


def make_case(rng):
    state = [0]
    made = noise(rng) if rng.random() < 0.25 else pattern(rng, rng.randint(1, 4), state)
    flags = "".join(f for f in "aimsx" if rng.random() < 0.12)
    args = {"pattern": made, "flags": flags,
            "text": "".join(rng.choice(LETTERS) for _ in range(rng.randint(0, 8)))}
    op = rng.choice(["search", "match", "fullmatch", "findall", "sub", "split"])
    if op == "sub":
        args["template"] = rng.choice(["-", "<\\g<0>>", "\\n"])
    return {"op": "regex." + op, "args": args}


def same(want, got):
    if isinstance(want, dict) and "error" in want:
        if not isinstance(got, dict) or "error" not in got:
            return False
        got = {key: got["error"].get(key) for key in ("type", "message", "position")}
        return got == want["error"]
    return want == got


def main():
    assay = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    rng = random.Random(seed)
    cases = [make_case(rng) for _ in range(count)]
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    done = subprocess.run([assay, "call", "reference", "-"], input=lines, capture_output=True,
                          text=True, timeout=600)
    answers = done.stdout.splitlines()
    if len(answers) != count:
        print(f"{len(answers)} answers to {count} calls\n{done.stderr}")
        return 1
    wrong = left_out = 0
    for case, answer in zip(cases, answers):
        want = oracle(case)
        if want is None and case["op"] not in ("regex.search", "regex.match", "regex.fullmatch"):
            left_out += 1
            continue
        got = json.loads(answer)
        if not same(want, got):
            wrong += 1
            if wrong <= 25:
                print(json.dumps(case, ensure_ascii=False))
                print("   want", json.dumps(want, ensure_ascii=False))
                print("   got ", json.dumps(got, ensure_ascii=False))
    print(f"{count} cases, {wrong} answers differ from CPython {sys.version.split()[0]}, "
          f"{left_out} left out")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
