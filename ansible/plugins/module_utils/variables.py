# Copyright: the migplan authors
# Apache License 2.0 (see https://www.apache.org/licenses/LICENSE-2.0)
"""What becomes of each variable of os-migrate's role import_workloads. Plain Python: nothing here knows of Ansible."""

WORKS = "works"
IGNORED = "ignored"
REFUSED = "refused"

FALSE = (False,)
TRUE = (True,)
UNSET = ()

# name without import_workloads_, the short name that is read besides (not where it is a word that others use), verdict, the values that
# ask for nothing (never told), and what is said of any other: why it has no effect, or what to write instead. The README has the same
# table, and a test holds them together.
TABLE = (
    ("cinder_az", "availability_zone", WORKS, UNSET, "target.availabilityZone of the manifests"),
    ("nova_az", "availability_zone", WORKS, UNSET, "target.server.availabilityZone of the manifests"),
    ("use_socks", "use_socks", IGNORED, TRUE, "disks are always read through Unix sockets"),
    ("cbt_sync", "cbt_sync", WORKS, UNSET, "cbtSync of the manifests"),
    ("cinder_volume_type", "cinder_volume_type", WORKS, UNSET, "target.volumeType of the manifests"),
    (
        "nbdkit_assume_zero",
        "destination_assume_zeroed",
        IGNORED,
        TRUE,
        "nothing is assumed of a volume: zeroes are written where it is not known to be blank",
    ),
    ("cutover", "cutover", WORKS, UNSET, "cutover of the manifests, and --allow-cutover for those VMs alone"),
    ("converted", None, IGNORED, FALSE, "whether a volume was converted stands in its own metadata"),
    (
        "skip_conversion",
        "skip_conversion",
        REFUSED,
        FALSE,
        "a guest of VMware is always converted at its cutover: leave import_workloads_cutover false to copy only",
    ),
    (
        "os_migrate_virt_v2v",
        "os_migrate_virt_v2v",
        REFUSED,
        FALSE,
        "there is one way to copy (nbdkit), and virt-v2v converts in place: take the variable out",
    ),
    ("os_migrate_nbdkit", "os_migrate_nbdkit", REFUSED, TRUE, "there is no other way to copy: take the variable out"),
    ("debug", None, IGNORED, FALSE, "every run keeps a journal in .migplan/runs of the project folder"),
    (
        "vmware_insecure",
        "vmware_insecure",
        REFUSED,
        FALSE,
        "write import_workloads_vcenter_ca_file or import_workloads_vcenter_thumbprint instead",
    ),
    (
        "openstack_insecure",
        "openstack_insecure",
        REFUSED,
        FALSE,
        "write cacert (or verify: false) into import_workloads_dst_cloud, or into clouds.yaml",
    ),
    (
        "local_disk_path",
        "local_disk_path",
        REFUSED,
        UNSET,
        "disks are read through vCenter and ESXi only: take the variable out",
    ),
    ("libdir", "libdir", WORKS, UNSET, "reader.libdir of the vCenter"),
    ("extra_opts", "extra_opts", REFUSED, UNSET, "virt-v2v takes no further options here: take the variable out"),
    (
        "boot_script_path",
        "boot_script_path",
        REFUSED,
        UNSET,
        "nothing is put into the guest to run at its first boot: configure the new server with a play of its own",
    ),
    (
        "volume_type_mapping",
        "volume_type_mapping",
        REFUSED,
        ([],),
        "write volume_type at the VMs of import_workloads_vms that need another type",
    ),
    ("multidiskfs", "multidiskfs", IGNORED, FALSE, "all disks of a VM are always converted together"),
    (
        "use_fixed_ips",
        "use_fixed_ips",
        REFUSED,
        FALSE,
        "write the addresses at the VMs of import_workloads_vms: networks: [{network: NAME, fixedIp: ADDRESS}]",
    ),
    (
        "fixed_ip_subnet_uuid",
        "fixed_ip_subnet_uuid",
        REFUSED,
        UNSET,
        "the subnet follows from the address: networks: [{network: NAME, fixedIp: ADDRESS}] at the VMs of import_workloads_vms",
    ),
    (
        "os_migrate_tear_down",
        "os_migrate_tear_down",
        REFUSED,
        FALSE,
        "nothing that was migrated is ever deleted from here: use openstack server delete and openstack volume delete",
    ),
    ("instance_uuid", "instance_uuid", WORKS, UNSET, "access {type: nova, server: ...} of the cloud"),
    ("used_mapped_networks", "used_mapped_networks", WORKS, UNSET, "whether network_map or one network for all is used"),
    ("image_metadata", "image_metadata", WORKS, UNSET, "target.imageMetadata and hwMachineType of the manifests"),
    (
        "boot_from_cinder",
        "boot_from_cinder",
        REFUSED,
        FALSE,
        "volumes that others made are never written to: take the variable out, and migplan makes its own",
    ),
    ("user_data", None, REFUSED, UNSET, "a converted guest has been set up already: take the variable out"),
    ("use_heat", "use_heat", REFUSED, FALSE, "servers are made by Nova itself: take the variable out"),
    ("heat_auto_deploy", "heat_auto_deploy", IGNORED, TRUE, "there is no Heat stack to deploy"),
)

PREFIX = "import_workloads_"


def judge(given):
    """given: values by name without prefix, as set by the user. Returns what is ignored and what is refused, as sentences."""
    warnings, refusals = [], []
    for name, _short, verdict, quiet, text in TABLE:
        value = given.get(name)
        if verdict == WORKS or value is None or value == "":
            continue
        if _plain(value) in quiet:
            continue
        if verdict == IGNORED:
            warnings.append("%s%s has no effect: %s" % (PREFIX, name, text))
        else:
            refusals.append("%s%s: %s" % (PREFIX, name, text))
    return warnings, refusals


def _plain(value):
    """-e name=false is a text, and every text that is not empty is true to Jinja."""
    if isinstance(value, str):
        word = value.strip().lower()
        if word in ("true", "yes", "on", "1", "y", "t"):
            return True
        if word in ("false", "no", "off", "0", "n", "f"):
            return False
    return value
