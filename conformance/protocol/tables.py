"""Writes the tables of PROTOCOL.md out of protocol.json: python3 tables.py [--check].

Each table stands between two markers, `<!-- tables.py: NAME -->` and `<!-- tables.py: end -->`.
With --check nothing is written: exit status 1 says that document and description have parted. The
example exchange is looked at too: its lines are JSON, its ops exist, its requests are answered.
"""

import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
DOCUMENT = HERE.parent / "PROTOCOL.md"


def code(text):
    return "`" + text.replace("|", "\\|") + "`"


def limits(protocol):
    yield "| limit | value | what it bounds |"
    yield "| --- | --- | --- |"
    yield "| `line_bytes` | %d | bytes of one line, its newline not counted |" % (
        protocol["limits"]["line_bytes"])
    yield "| `nesting` | %d | lists and objects inside one another in one line |" % (
        protocol["limits"]["nesting"])


def error_types(protocol):
    yield "| `data.type` | when |"
    yield "| --- | --- |"
    for name, meaning in protocol["error_types"].items():
        yield "| `%s` | %s |" % (name, meaning)


def types(protocol):
    yield "| type | what it is |"
    yield "| --- | --- |"
    for name, declared in protocol["types"].items():
        if isinstance(declared, str):
            yield "| `%s` | %s |" % (name, code(declared))
            continue
        fields = ", ".join(code("%s: %s" % field) for field in declared.items())
        yield "| `%s` | object: %s |" % (name, fields)


def ops(protocol):
    area = None
    for name, op in protocol["ops"].items():
        if name.split(".")[0] != area:
            area = name.split(".")[0]
            yield "### %s" % area
            yield ""
        yield "#### `%s`" % name
        yield ""
        yield from wrapped(op["summary"])
        yield ""
        if op["params"]:
            yield "| param | type | default | |"
            yield "| --- | --- | --- | --- |"
            for param, about in op["params"].items():
                default = code(json.dumps(about["default"])) if "default" in about else "required"
                yield "| `%s` | %s | %s | %s |" % (
                    param, code(about["type"]), default, about["doc"].replace("|", "\\|"))
            yield ""
        errors = ", ".join("`%s`" % error for error in op["errors"]) or "none of its own"
        yield from wrapped("Result: %s. Errors: %s." % (code(op["result"]), errors))
        yield ""


def wrapped(text, width=100):
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = word
        else:
            line = (line + " " + word).strip()
    yield line


def rewrite(document, protocol):
    tables = {"limits": limits, "error types": error_types, "types": types, "ops": ops}

    def replace(found):
        made = "\n".join(tables.pop(found[1])(protocol)).rstrip("\n")
        return "<!-- tables.py: %s -->\n%s\n<!-- tables.py: end -->" % (found[1], made)

    document = re.sub(r"<!-- tables\.py: (?!end)(.+?) -->\n.*?<!-- tables\.py: end -->",
                      replace, document, flags=re.DOTALL)
    if tables:
        sys.exit("%s lacks the markers of: %s" % (DOCUMENT, ", ".join(tables)))
    return document


def check_example(document, protocol):
    """Problems of the recorded exchange: lines `ACTOR > request` and `ACTOR < reply`."""
    lines = re.findall(r"^(\w+) +([<>]) (.*)$", document, flags=re.MULTILINE)
    if not lines:
        yield "there is no example exchange"
    asked = {}
    for actor, direction, text in lines:
        message = json.loads(text)
        if direction == ">" and message.get("method") not in protocol["ops"]:
            yield "the example uses the unknown op %s" % message.get("method")
        elif direction == ">":
            asked[actor, message["id"]] = message["method"]
        elif "id" in message and asked.pop((actor, message["id"]), None) is None:
            yield "the example answers what was not asked: %s" % text
    for (actor, identity), op in asked.items():
        yield "the example does not answer %s (id %s of %s)" % (op, identity, actor)


def main():
    protocol = json.loads((HERE / "protocol.json").read_text(encoding="utf-8"))
    document = DOCUMENT.read_text(encoding="utf-8")
    wanted = rewrite(document, protocol)
    problems = list(check_example(document, protocol))
    if "--check" not in sys.argv:
        DOCUMENT.write_text(wanted, encoding="utf-8")
    elif wanted != document:
        problems.append("PROTOCOL.md is not what protocol.json says; run python3 %s"
                        % pathlib.Path(__file__))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
