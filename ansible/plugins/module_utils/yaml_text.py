# Copyright: the migplan authors
# Apache License 2.0 (see https://www.apache.org/licenses/LICENSE-2.0)
"""YAML without a library, which a host need not have. Plain Python: nothing here knows of Ansible."""

import json
import re


def yaml_text(document, indent=0):
    """YAML of plain data. Every text is quoted, so that none is taken for a number, a date or anything else than what it is."""
    pad = "  " * indent
    lines = []
    for key, value in document.items():
        shown = key if re.match(r"^[A-Za-z_][A-Za-z0-9_]*$", key) and key.lower() not in _WORDS else _quoted(key)
        if isinstance(value, dict) and value:
            lines.append("%s%s:\n%s" % (pad, shown, yaml_text(value, indent + 1)))
        else:
            lines.append("%s%s: %s\n" % (pad, shown, _flow(value)))
    return "".join(lines)


_WORDS = ("y", "n", "yes", "no", "on", "off", "true", "false", "null")


def _flow(value):
    if isinstance(value, dict):
        return "{%s}" % ", ".join("%s: %s" % (_quoted(str(key)), _flow(part)) for key, part in value.items())
    if isinstance(value, (list, tuple)):
        return "[%s]" % ", ".join(_flow(part) for part in value)
    if isinstance(value, str):
        return _quoted(value)
    return json.dumps(value)


def _quoted(text):
    # JSON leaves what YAML does not print as it is: DEL, C1 controls, line and paragraph separators, byte order marks.
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff]", lambda found: "\\u%04x" % ord(found.group()), json.dumps(text, ensure_ascii=False))
