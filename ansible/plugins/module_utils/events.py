# Copyright: the migplan authors
# Apache License 2.0 (see https://www.apache.org/licenses/LICENSE-2.0)
"""What migplan said with --json, and what its exit codes mean to a task. Plain Python: nothing here knows of Ansible."""

import json

# Of apply. Any code but 0 fails the task; of this one the program promises that nothing was changed.
PLAN_REFUSED = 4

EXIT_MEANS = {
    1: "migplan ended with an error",
    4: "the plan was refused and nothing was changed: run the play again",
    5: "another run works on all that is left: run the play again when it has ended",
    6: "some work is not done: run the play again",
    129: "migplan was stopped at a checkpoint: run the play again",
    130: "migplan was stopped at a checkpoint: run the play again",
    143: "migplan was stopped at a checkpoint: run the play again",
}


def read_events(text):
    """The objects of a stream of JSON lines, without what is none."""
    events = []
    for line in text.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            events.append(event)
    return events


def diagnostics_of(events):
    """Errors and warnings, what blocks a VM included, each once."""
    found = []
    for event in events:
        if event.get("type") in ("diagnostic", "blocked") and isinstance(event.get("diagnostic"), dict):
            if event["diagnostic"] not in found:
                found.append(event["diagnostic"])
    return found


def notes_of(events):
    """Sentences for people: why nothing is done to a VM, above all."""
    found = []
    for event in events:
        if event.get("type") == "note" and event.get("@message") not in found:
            found.append(event.get("@message"))
    return found


def results_of(events):
    """How each migration of an apply ended, by address; empty when it did not come that far."""
    for event in reversed(events):
        if event.get("type") == "change_summary":
            return {result["address"]: result["result"] for result in event.get("results", [])}
    return {}


def summary_of(events):
    return next((event.get("@message", "") for event in reversed(events) if event.get("type") == "change_summary"), "")


def has_changed(code, events):
    """Whether an apply changed something. One that died in the middle counts what it had begun: a volume may be there."""
    if code == PLAN_REFUSED:
        return False
    return any(event.get("type") == "apply_start" for event in events)


def sentence(diagnostic):
    """One diagnostic as one text: where, what, its code, and what to do."""
    where = "%s: " % diagnostic["address"] if diagnostic.get("address") else ""
    place = diagnostic.get("range") or {}
    file = " (%s:%s)" % (place["filename"], place["start"]["line"]) if place.get("filename") else ""
    text = "%s%s [%s]: %s%s" % (where, diagnostic.get("summary", ""), diagnostic.get("code", ""), diagnostic.get("detail", ""), file)
    return "".join([text] + ["\n  - %s" % step for step in diagnostic.get("next_steps", [])])


# Warnings of one kind that are told one by one; more are told as one.
ALIKE_MAX = 3


def warnings_of(diagnostics):
    """The warnings as texts: two hundred VMs with the same one are one text."""
    kinds = {}
    for found in diagnostics:
        if found["severity"] == "warning":
            kinds.setdefault((found.get("code"), found.get("summary")), []).append(found)
    texts = []
    for (code, summary), alike in kinds.items():
        if len(alike) <= ALIKE_MAX:
            texts += [sentence(found) for found in alike]
        else:
            addresses = ", ".join(found.get("address", "") for found in alike)
            texts.append("%s [%s], %s times: %s\nThe first: %s" % (summary, code, len(alike), addresses, sentence(alike[0])))
    return texts


def standing_of(migration):
    """How a migration of a plan stands: blocked, planned or up-to-date."""
    if any(found["severity"] == "error" for found in migration["diagnostics"]):
        return "blocked"
    return "planned" if migration["actions"] else "up-to-date"


ALREADY_CONVERTED = "MP2002"


def vm_of(diagnostic):
    """Address of the migration that a diagnostic is about: of vm/erp/disk/2000 that is vm/erp."""
    return "/".join(diagnostic.get("address", "").split("/")[:2])


def only_converted(diagnostics, address):
    """Whether a VM is blocked because it is converted, and by nothing else."""
    codes = {found["code"] for found in diagnostics if found["severity"] == "error" and vm_of(found) == address}
    return codes == {ALREADY_CONVERTED}
