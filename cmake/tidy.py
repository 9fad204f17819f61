"""The project's own rules, checked: python3 cmake/tidy.py [ROOT]. Exit status 1 when one is broken.

Arrows: impl/ knows nothing of conformance/; the harness and the spec know nothing of impl/;
impl/http knows nothing of the other parts that do I/O; nothing depends on bench/ or reports/.
Dead files: every C++ source stands in a build file, every header is included somewhere.
Widths: no line of code or prose is longer than 100 columns.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
WIDTH = 100
LONGEST_FILE = 500
# One file on purpose: an adapter's author copies it.
MAY_BE_LONGER = {"conformance/sdk/python/assay_sdk.py": 800}

# (files under this folder, may not include anything under these folders)
ARROWS = [
    ("impl/", ["conformance/", "bench/", "reports/"]),
    ("impl/base/", ["impl/queue/", "impl/regex/", "impl/http/", "impl/server/"]),
    ("impl/http/", ["impl/server/", "impl/queue/", "impl/regex/", "impl/net/"]),
    ("impl/queue/", ["impl/regex/", "impl/http/", "impl/server/"]),
    ("impl/regex/", ["impl/queue/", "impl/http/", "impl/server/"]),
    ("conformance/", ["bench/", "reports/"]),
    ("conformance/protocol/", ["impl/"]),
    ("conformance/protocol/", ["conformance/harness/", "conformance/sdk/", "conformance/spec/"]),
    ("conformance/harness/", ["impl/", "conformance/sdk/"]),
    ("conformance/harness/", ["conformance/spec/", "conformance/testees/"]),
    ("conformance/spec/", ["impl/", "conformance/sdk/", "conformance/testees/"]),
    ("conformance/sdk/", ["impl/", "conformance/harness/", "conformance/spec/"]),
    ("bench/", ["reports/"]),
    ("reports/", ["impl/", "bench/"]),
]

CODE = {".cc", ".h", ".py", ".ts", ".cmake", ".css", ".sh", ".txt", ".mjs"}
PROSE = {".md"}

problems = []


def complain(path, line, what):
    problems.append(f"{path}:{line}: {what}")


def tracked_files():
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard"],
        check=True, capture_output=True, text=True,
    ).stdout.split("\n")
    return [name for name in listed if name and (ROOT / name).is_file()]


def text_of(name):
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def check_arrows(name, text):
    for number, line in enumerate(text.split("\n"), 1):
        found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not found:
            continue
        for folder, forbidden in ARROWS:
            if not name.startswith(folder):
                continue
            for other in forbidden:
                if found[1].startswith(other):
                    complain(name, number, f"{folder} may not include {found[1]}")


def check_widths(name, text):
    in_example = False
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("```"):
            in_example = not in_example
        if line != line.rstrip() and not name.startswith("fixtures/"):
            complain(name, number, "white space at the end of the line")
        # Tables and links of Markdown cannot be broken; recorded exchanges keep their shape.
        if name.endswith(".md") and (in_example or line.lstrip().startswith("|") or "](" in line):
            continue
        if "http://" in line or "https://" in line:
            continue
        if len(line) > WIDTH:
            complain(name, number, f"{len(line)} columns, at most {WIDTH}")


def check_length(name, text):
    lines = text.count("\n")
    longest = MAY_BE_LONGER.get(name, LONGEST_FILE)
    if lines > longest and "generated" not in text[:400]:
        complain(name, lines, f"{lines} lines, at most {longest}: split it by idea")


def is_built(path, build_text):
    """By its name, its stem, or a pattern of file(GLOB) in its folder's or the parent's file."""
    if path.name in build_text or path.stem in build_text:
        return True
    for folder in (path.parent, path.parent.parent):
        build_file = ROOT / folder / "CMakeLists.txt"
        if build_file.is_file():
            build_text = build_file.read_text(encoding="utf-8")
            pattern = r"[\w*]*(?:/\*)?\*[\w*]*\.cc|[\w*]+/\*[\w*]*\.cc"
            patterns = re.findall(pattern, build_text)
            if any(path.match(pattern) for pattern in patterns):
                return True
    return False


def check_dead_files(names, texts):
    build_text = "\n".join(
        text for name, text in texts.items()
        if name.endswith(("CMakeLists.txt", ".cmake")))
    included = set()
    for text in texts.values():
        included.update(re.findall(r'#\s*include\s+[<"]([^">]+)[">]', text))
    for name in names:
        path = pathlib.PurePosixPath(name)
        if path.suffix == ".cc" and not is_built(path, build_text):
            complain(name, 1, "no build file names it")
        if path.suffix in {".h", ".inc"} and name not in included:
            complain(name, 1, "nothing includes it")
        if name.startswith("fixtures/") and path.suffix == ".jsonl":
            # A family of tables may be named by its first word, as "http/probe_" + group.
            words = {path.stem, path.stem.split("_")[0] + "_"}
            users = [text for other, text in texts.items() if other != name]
            if not any(word in text for word in words for text in users):
                complain(name, 1, "no spec or test names it")


def main():
    names = tracked_files()
    texts = {}
    for name in names:
        suffix = pathlib.PurePosixPath(name).suffix
        if suffix in CODE | PROSE | {".jsonl", ".toml"} or name in {"dev", ".ci/run"}:
            texts[name] = text_of(name)
    for name, text in texts.items():
        suffix = pathlib.PurePosixPath(name).suffix
        if suffix in {".cc", ".h"}:
            check_arrows(name, text)
        if suffix in CODE | PROSE or name in {"dev", ".ci/run"}:
            if name not in {"cmake/debian-packages.txt"}:
                check_widths(name, text)
        if suffix in {".cc", ".h", ".py", ".ts"}:
            check_length(name, text)
    check_dead_files(names, texts)
    for problem in problems:
        print(problem)
    print(f"tidy: {len(texts)} files read, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
