#!/usr/bin/python
# Copyright: the migplan authors
# Apache License 2.0 (see https://www.apache.org/licenses/LICENSE-2.0)

DOCUMENTATION = r"""
---
module: migplan
short_description: Migrates VMs from VMware to OpenStack with migplan
version_added: 0.1.0
description:
  - Writes a migplan project from variables (C(migplan.yaml) and one manifest for each VM), runs C(migplan plan), and C(migplan apply) on
    exactly that plan.
  - In check mode it plans, and changes nothing, files of the project included.
  - A VM is powered off only where its I(cutover) is true, and C(--allow-cutover) is given for those VMs alone.
  - Passwords are passed in the environment of the program. They are in no argument list, no file and no output.
options:
  project_dir:
    description: Folder of the project on the host. It is made where it is not there. Files in it that this module did not write are left alone.
    type: path
    required: true
  executable:
    description: The program, by name or by path.
    type: str
    default: migplan
  vms:
    description:
      - The VMs. Each is a name below the datacenter's folder of VMs (C(erp/erp-db01)), a whole inventory path (C(/DC1/vm/erp/erp-db01)), or a
        dictionary with C(name) and what is different for this VM.
    type: list
    elements: raw
    required: true
  cbt_sync:
    description: Whether volumes that exist are brought up to date with the changed blocks. When false, a volume that exists is an error.
    type: bool
    default: false
  cutover:
    description: Whether the VMs are shut down, synchronised for the last time, converted and started on OpenStack.
    type: bool
    default: false
  vcenter_password:
    description: Password of the vCenter. Unless given, C(MIGPLAN_VCENTER_PASSWORD) of the environment.
    type: str
  cloud_secrets:
    description: What of the auth parameters of the cloud is secret, such as C(password) or C(application_credential_secret).
    type: dict
    default: {}
  settings:
    description: The other variables of the role C(import_workloads), without their prefix.
    type: dict
    required: true
  os_migrate:
    description: Variables of os-migrate as they were set, to be judged. What has no effect is a warning; what cannot be done is an error.
    type: dict
    default: {}
  stop_on_blocked:
    description: Whether nothing is done to any VM as long as one of them is blocked. When false, the others are worked on, and the task fails then.
    type: bool
    default: false
  parallelism:
    description: VMs that are worked on at the same time.
    type: int
    default: 2
attributes:
  check_mode:
    description: Plans, and changes nothing.
    support: full
  diff_mode:
    description: Shows the manifests before and after, and the plan.
    support: full
requirements:
  - migplan, and what it needs to read and write disks, on the host
  - python >= 3.9
author:
  - the migplan authors
"""

EXAMPLES = r"""
- name: Copy what changed; the VMs keep running
  migplan.migration.migplan:
    project_dir: /opt/migrations/erp
    vms: [erp/erp-db01, erp/erp-app01]
    cbt_sync: true
    vcenter_password: "{{ vault_vcenter_password }}"
    settings:
      vcenter_hostname: vc01.example.com
      vcenter_username: migrator@vsphere.local
      vcenter_datacenter: DC1
      libdir: /opt/vmware-vix-disklib-distrib
      dst_cloud: prod
      flavor: m1.large
      network_map: {"VM Network": prod-lan}
"""

RETURN = r"""
plan:
  description: The plan as people read it; of both plans where some VMs are cut over and others are not.
  type: str
  returned: when a plan was made and nothing failed
migrations:
  description: >-
    How each migration stands, by its address: up-to-date, already-converted, blocked, planned (check mode), or how apply says it ended: done,
    failed, refused ...
  type: dict
  returned: when a plan was made
  sample: {"vm/erp-db01": "done"}
messages:
  description: What was found, such as C(Volume already converted).
  type: list
  elements: str
  returned: always
diagnostics:
  description: Errors and warnings as migplan tells them, with code, place and next steps.
  type: list
  elements: dict
  returned: always
files:
  description: Files of the project that were written, or would be.
  type: list
  elements: str
  returned: always
exit_code:
  description: The last exit code of migplan; 5 says that another run works on all VMs that are left.
  type: int
  returned: when the program was started
"""

import shutil
import tempfile

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.migplan.migration.plugins.module_utils.run import Failed, Run


def main():
    module = AnsibleModule(
        argument_spec=dict(
            project_dir=dict(type="path", required=True),
            executable=dict(type="str", default="migplan"),
            vms=dict(type="list", elements="raw", required=True),
            cbt_sync=dict(type="bool", default=False),
            cutover=dict(type="bool", default=False),
            vcenter_password=dict(type="str", no_log=True),
            cloud_secrets=dict(type="dict", default={}, no_log=True),
            settings=dict(type="dict", required=True),
            os_migrate=dict(type="dict", default={}),
            stop_on_blocked=dict(type="bool", default=False),
            parallelism=dict(type="int", default=2),
        ),
        supports_check_mode=True,
    )
    run = Run(module)
    # Plans hold no secrets, but are for nobody else than who runs this.
    scratch = tempfile.mkdtemp(prefix="migplan-", dir=module.tmpdir)
    failed = None
    try:
        run.perform(scratch)
    except Failed as error:
        failed = error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    run.end(failed)


if __name__ == "__main__":
    main()
