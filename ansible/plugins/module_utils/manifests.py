# Copyright: the migplan authors
# Apache License 2.0 (see https://www.apache.org/licenses/LICENSE-2.0)
"""Project and Migration documents from the variables of the role. Plain Python: nothing here knows of Ansible, files or clouds."""

import hashlib
import json
import re

API_VERSION = "migplan.dev/v1alpha1"
VCENTER = "vcenter"
OPENSTACK = "openstack"
# What the module gives the program.
PASSWORD = "env:MIGPLAN_VCENTER_PASSWORD"

NAME_CHARACTERS_MAX = 80
# What says when a VM is powered off, and which VM it is, is said in one place each.
NOT_IN_SPEC = ("source", "phase", "cbtSync", "cutover")
# They follow from the source, or are said elsewhere.
DERIVED_PROPERTIES = ("hw_machine_type", "hw_firmware_type", "os_secure_boot")
VM_FIELDS = (
    "name",
    "migration",
    "instance_uuid",
    "cbt_sync",
    "cutover",
    "flavor",
    "networks",
    "security_groups",
    "key_name",
    "server_name",
    "volume_type",
    "hw_machine_type",
    "boot_disk",
    "window",
    "spec",
)


class Refused(Exception):
    """What the variables ask for makes no manifest. `reasons`: sentences with what to write instead."""

    def __init__(self, reasons):
        super().__init__("; ".join(reasons))
        self.reasons = list(reasons)


def migration_name(vm):
    """Name of the migration of a VM that may be called anything. Two VMs get two names: what cannot be kept is told apart by a digest."""
    kept = re.sub(r"[^A-Za-z0-9._-]+", "-", vm).strip("._-")
    if kept == vm and len(vm) <= NAME_CHARACTERS_MAX:
        return vm
    digest = hashlib.sha256(vm.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return "%s-%s" % (kept[: NAME_CHARACTERS_MAX - 10].rstrip("._-") or "vm", digest)


def read_vms(entries):
    """The entries of import_workloads_vms as dictionaries, each with `name` and `migration`. Raises Refused."""
    vms, reasons = [], []
    for entry in entries:
        vm = {"name": entry} if isinstance(entry, str) else dict(entry) if isinstance(entry, dict) else None
        if vm is None or not isinstance(vm.get("name"), str) or vm["name"].strip("/ ") == "":
            reasons.append("import_workloads_vms: an entry is the name of a VM, or has a name: %s" % json.dumps(entry))
            continue
        unknown = sorted(key for key in vm if key not in VM_FIELDS)
        if unknown:
            reasons.append(
                "import_workloads_vms: %s has %s, which nothing knows; known are %s"
                % (vm["name"], ", ".join(unknown), ", ".join(VM_FIELDS))
            )
        for switch in ("cbt_sync", "cutover"):
            if switch in vm and not isinstance(vm[switch], bool):
                reasons.append("import_workloads_vms: %s of %s is neither true nor false" % (switch, vm["name"]))
        vm["migration"] = vm.get("migration") or migration_name(vm["name"].rsplit("/", 1)[-1])
        # It becomes a file and a --target, in which a star is every VM there is.
        if not re.match(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$", str(vm["migration"])):
            reasons.append("import_workloads_vms: migration of %s has other characters than A-Z a-z 0-9 . _ -" % vm["name"])
        vms.append(vm)
    seen = {}
    for vm in vms:
        # Files of both would be one where names do not differ but for their case.
        other = seen.setdefault(str(vm["migration"]).lower(), vm["name"])
        if other is not vm["name"]:
            reasons.append(
                "import_workloads_vms: %s and %s would both be the migration %s; write migration: NAME at one of them"
                % (other, vm["name"], vm["migration"])
            )
    if reasons:
        raise Refused(reasons)
    return vms


def inventory_path(name, datacenter):
    """`name` is a path in the inventory, a path below the datacenter's folder of VMs, or a bare name."""
    if name.startswith("/"):
        return name
    if not datacenter:
        raise Refused(["import_workloads_vcenter_datacenter is not set: write it, or the whole path of %s (/DC/vm/...)" % name])
    return "/%s/vm/%s" % (datacenter, name)


def project_document(settings):
    """The Project: one vCenter, one cloud. Secrets are references to environment variables."""
    vcenter = {
        "type": "vmware",
        "server": _needed(settings, "vcenter_hostname"),
        "user": _needed(settings, "vcenter_username"),
        "password": PASSWORD,
    }
    if settings.get("vcenter_ca_file"):
        vcenter["tls"] = {"caFile": settings["vcenter_ca_file"]}
    elif settings.get("vcenter_thumbprint"):
        vcenter["tls"] = {"thumbprint": settings["vcenter_thumbprint"]}
    vcenter["reader"] = {"type": "vddk", "libdir": _needed(settings, "libdir")}
    cloud = {"type": "openstack", "cloud": _cloud_name(settings), "access": _access(settings)}
    if settings.get("release"):
        cloud["release"] = settings["release"]
    spec = {"providers": {VCENTER: vcenter, OPENSTACK: cloud}, "include": ["manifests/*.yaml"]}
    if "include" in settings.get("project_spec", {}):
        raise Refused(["import_workloads_project_spec: include is not yours to choose; take it out"])
    document = {"apiVersion": API_VERSION, "kind": "Project", "metadata": {"name": "import-workloads"}, "spec": spec}
    document["spec"] = merged(spec, settings.get("project_spec", {}))
    return document


def migration_document(vm, settings):
    """The Migration of one entry of read_vms."""
    cutover = vm.get("cutover", settings.get("cutover", False))
    cbt_sync = vm.get("cbt_sync", settings.get("cbt_sync", False))
    source = {"provider": VCENTER}
    if vm.get("instance_uuid"):
        source["instanceUuid"] = vm["instance_uuid"]
    else:
        source["vm"] = inventory_path(vm["name"], settings.get("vcenter_datacenter"))
    spec = {"source": source, "target": _target(vm, settings, cutover), "cbtSync": cbt_sync, "cutover": cutover}
    machine_type = vm.get("hw_machine_type") or settings.get("hw_machine_type")
    if machine_type:
        spec["hwMachineType"] = machine_type
    if cbt_sync and not cutover:
        spec["sync"] = {"maxAge": settings.get("sync_max_age") or "0s"}
    for field, key in (("boot_disk", "bootDisk"), ("window", "window")):
        if vm.get(field):
            spec[key] = vm[field]
    for where, more in (("import_workloads_migration_spec", settings.get("migration_spec")), ("spec of %s" % vm["name"], vm.get("spec"))):
        if more is None:
            continue
        taken = sorted(key for key in more if key in NOT_IN_SPEC)
        if taken:
            raise Refused(["%s: %s is said by the variables of the role; take it out" % (where, ", ".join(taken))])
        spec = merged(spec, more)
    return {"apiVersion": API_VERSION, "kind": "Migration", "metadata": {"name": vm["migration"]}, "spec": spec}


def _target(vm, settings, cutover):
    target = {"provider": OPENSTACK}
    for value, key in (
        (vm.get("volume_type") or settings.get("cinder_volume_type"), "volumeType"),
        (settings.get("cinder_az"), "availabilityZone"),
        (image_properties(settings.get("image_metadata")), "imageMetadata"),
    ):
        if value:
            target[key] = value
    server = _server(vm, settings, cutover)
    if server:
        target["server"] = server
        if settings.get("network_map") and settings.get("used_mapped_networks", True) and "networks" not in server:
            target["mapping"] = {"networks": settings["network_map"]}
    return target


def _server(vm, settings, cutover):
    if not settings.get("create_server", True):
        return None
    flavor = vm.get("flavor") or settings.get("flavor")
    if not flavor:
        if not cutover:
            return None
        raise Refused(
            [
                "the flavor of %s is not known: write flavor at the VM or import_workloads_flavor,"
                " or import_workloads_create_server: false for volumes alone" % vm["name"]
            ]
        )
    server = {"flavor": flavor}
    for value, key in (
        (_networks(vm, settings), "networks"),
        (settings.get("nova_az"), "availabilityZone"),
        (vm.get("server_name") or _name_kept(vm), "name"),
        (_listed(vm.get("security_groups") or settings.get("security_groups")), "securityGroups"),
        (vm.get("key_name") or settings.get("key_name"), "keyName"),
    ):
        if value:
            server[key] = value
    return server


def _name_kept(vm):
    """The server is called as the VM is, where the migration cannot be."""
    name = vm["name"].rsplit("/", 1)[-1]
    return None if name == vm["migration"] else name


def _networks(vm, settings):
    """One network stands for a VM with one NIC; what has more is told so by the plan."""
    if vm.get("networks"):
        return vm["networks"]
    if settings.get("network_map") and settings.get("used_mapped_networks", True):
        return None
    return [settings["network"]] if settings.get("network") else None


def image_properties(given):
    """`["hw_disk_bus='scsi'"]`, as os-migrate has it, or a dictionary; without what follows from the source."""
    if not given:
        return {}
    pairs = given.items() if isinstance(given, dict) else [str(entry).partition("=")[::2] for entry in given]
    properties = {str(key).strip(): str(value).strip().strip("'\"") for key, value in pairs}
    return {key: value for key, value in properties.items() if re.match(r"^(hw|os)_", key) and key not in DERIVED_PROPERTIES}


def machine_type_of(given):
    """hw_machine_type of image_metadata, which is a field of its own in a manifest."""
    pairs = given.items() if isinstance(given, dict) else [str(entry).partition("=")[::2] for entry in given or []]
    found = [str(value).strip().strip("'\"") for key, value in pairs if str(key).strip() == "hw_machine_type"]
    return found[-1] if found else None


def _cloud_name(settings):
    cloud = settings.get("dst_cloud")
    if isinstance(cloud, str) and cloud:
        return cloud
    if isinstance(cloud, dict) and cloud:
        nested = sorted(key for key, value in list(cloud.items()) + list(dict(cloud.get("auth") or {}).items()) if isinstance(value, (dict, list)))
        if nested != ["auth"]:
            raise Refused(
                [
                    "import_workloads_dst_cloud has auth, and texts beside it; this has %s: write it into clouds.yaml of the host, and its"
                    " name here" % (", ".join(nested) or "no auth")
                ]
            )
        return "envvars"
    raise Refused(["import_workloads_dst_cloud is not set: write the name of a cloud of clouds.yaml, or its auth parameters"])


def _access(settings):
    if settings.get("volume_access"):
        return settings["volume_access"]
    if settings.get("instance_uuid"):
        return {"type": "nova", "server": settings["instance_uuid"]}
    return {"type": "cinder"}


def _needed(settings, name):
    if settings.get(name):
        return settings[name]
    raise Refused(["import_workloads_%s is not set" % name])


def _listed(value):
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def merged(base, over):
    """`over` laid over `base`, dictionary by dictionary; null takes a field out."""
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    result = dict(base)
    for key, value in over.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result[key], value) if key in result else value
    return result
