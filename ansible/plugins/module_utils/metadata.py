# Copyright: the migplan authors
# Apache License 2.0 (see https://www.apache.org/licenses/LICENSE-2.0)
"""What os-migrate found out about a VM and keeps in os_migrate_vmw_data_dir/VM. Plain Python: nothing here knows of Ansible."""

import json
import os

LIMIT_BYTES = 16 * 1024 * 1024


def known_of(vm, settings):
    """
    Which VM it is (`instance_uuid`), and what os-migrate chose for its server; without what is said of `vm` or in `settings`. A VM that
    is given with a path needs none of it. Raises ValueError where a file is not what it should be, or is of another VM.
    """
    name, folder = vm["name"], settings.get("metadata_dir")
    if not folder or "/" in name or name in (".", ".."):
        return {}
    chosen = _read(os.path.join(folder, name, "import_workloads.json"))
    guest = chosen.get("vmware_guest_info") or _read(os.path.join(folder, name, "guest_info.json"))
    guest = guest.get("instance", guest) if isinstance(guest, dict) else {}
    other = [text for text in (chosen.get("vm_name"), guest.get("hw_name")) if text not in (None, "", name)]
    if other:
        raise ValueError("%s is of the VM %s, not of %s: run os-migrate's export of metadata again" % (os.path.join(folder, name), other[0], name))
    openstack = chosen.get("openstack") if isinstance(chosen.get("openstack"), dict) else {}
    found = {
        "instance_uuid": guest.get("instance_uuid"),
        "flavor": openstack.get("flavor_name_or_uuid"),
        "server_name": chosen.get("vm_dest_name"),
        "security_groups": openstack.get("security_groups"),
    }
    return {key: value for key, value in found.items() if value and isinstance(value, str) and not (vm.get(key) or settings.get(key))}


def _read(path):
    try:
        if os.path.getsize(path) > LIMIT_BYTES:
            raise ValueError("%s is larger than any file of os-migrate" % path)
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise ValueError("%s cannot be read: %s" % (path, error))
    if not isinstance(content, dict):
        raise ValueError("%s is no file of os-migrate" % path)
    return content
