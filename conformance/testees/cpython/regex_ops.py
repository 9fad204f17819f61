"""Ops of the area regex: the module re as it is, or what has its interface."""

import re

from assay_sdk import Raised

_FLAGS = {"a": "ASCII", "i": "IGNORECASE", "m": "MULTILINE", "s": "DOTALL", "x": "VERBOSE"}
_module = re
_always = 0  # flags of every pattern

_FUNCTIONS = {
    "increment": lambda match: str(int(match.group()) + 1),
    "brackets": lambda match: "[" + match.group() + "]",
    "span": lambda match: "%d-%d" % match.span(),
    "group1": lambda match: match.group(1) or "",
    "template": lambda match: "\\1",
    "number": lambda match: 1,
}


def _compiled(pattern, flags):
    value = _always
    for flag in flags:
        if flag not in _FLAGS:
            raise Raised("PatternError", "unknown flag %r" % flag)
        value |= getattr(_module, _FLAGS[flag])
    try:
        return _module.compile(pattern, value)
    except _module.error as wrong:
        raise Raised("PatternError", wrong.msg, position=wrong.pos) from None


def _described(match, spans):
    if match is None:
        return None
    result = {"span": match.span(), "groups": match.groups()}
    if spans:
        result["spans"] = [
            match.span(group) if match.start(group) >= 0 else None
            for group in range(1, match.re.groups + 1)
        ]
    return result


def _compile(pattern, flags):
    compiled = _compiled(pattern, flags)
    return {"groups": compiled.groups, "groupindex": dict(compiled.groupindex)}


def _match(pattern, text, flags, spans):
    return _described(_compiled(pattern, flags).match(text), spans)


def _search(pattern, text, flags, spans):
    return _described(_compiled(pattern, flags).search(text), spans)


def _fullmatch(pattern, text, flags, spans):
    return _described(_compiled(pattern, flags).fullmatch(text), spans)


def _findall(pattern, text, flags):
    return _compiled(pattern, flags).findall(text)


def _finditer(pattern, text, flags, spans):
    return [_described(match, spans) for match in _compiled(pattern, flags).finditer(text)]


def _sub(pattern, template, text, count, flags):
    compiled = _compiled(pattern, flags)
    try:
        replaced, number = compiled.subn(template, text, count)
    except _module.error as wrong:
        raise Raised("TemplateError", wrong.msg, position=wrong.pos) from None
    except IndexError as wrong:  # an unknown group name, without a position
        raise Raised("TemplateError", str(wrong)) from None
    return {"text": replaced, "count": number}


def _sub_function(pattern, function, text, count, flags):
    if function not in _FUNCTIONS:
        raise Raised("ValueError", "no function is called %r" % function)
    replaced, number = _compiled(pattern, flags).subn(_FUNCTIONS[function], text, count)
    return {"text": replaced, "count": number}


def _split(pattern, text, maxsplit, flags):
    return _compiled(pattern, flags).split(text, maxsplit)


def add_to(adapter, module=re, always=0):
    global _module, _always
    _module, _always = module, always
    adapter.op("regex.compile")(_compile)
    adapter.op("regex.match")(_match)
    adapter.op("regex.search")(_search)
    adapter.op("regex.fullmatch")(_fullmatch)
    adapter.op("regex.findall")(_findall)
    adapter.op("regex.finditer")(_finditer)
    adapter.op("regex.sub")(_sub)
    adapter.op("regex.sub_function")(_sub_function)
    adapter.op("regex.split")(_split)
