# Copyright: the migplan authors
# Apache License 2.0 (see https://www.apache.org/licenses/LICENSE-2.0)
"""Files of a project folder. Plain Python: nothing here knows of Ansible."""

import os
import shutil
import tempfile

# What has it as its first line was written by this collection, and by nobody else.
MARK = "# Written by the Ansible collection migplan.migration, and written anew at every run.\n"
PROJECT_FILE = "migplan.yaml"


def read_text(path):
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except (IOError, UnicodeDecodeError) as error:
        return None if getattr(error, "errno", None) == 2 else ""


def write_text(path, text):
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        os.makedirs(folder)
    handle, beside = tempfile.mkstemp(dir=folder, prefix=".migplan-")
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    os.chmod(beside, 0o644)
    os.rename(beside, path)


def look_alike(folder, place):
    """A folder with the manifests of the project in it, which may be changed, and links to all else."""
    os.mkdir(place)
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        if name == "manifests":
            shutil.copytree(os.path.join(folder, name), os.path.join(place, name))
        elif name == PROJECT_FILE:
            shutil.copy(os.path.join(folder, name), os.path.join(place, name))
        else:
            os.symlink(os.path.join(folder, name), os.path.join(place, name))
    return place
