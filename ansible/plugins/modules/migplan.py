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
    How each migration stands, by its address: up-to-date, planned (check mode), or how apply says it ended: done, failed, refused, blocked.
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
  description: The last exit code of migplan; 5 says that another run works on one of the VMs.
  type: int
  returned: when the program was started
"""

import json
import os
import shutil
import tempfile

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.migplan.migration.plugins.module_utils import events as told
from ansible_collections.migplan.migration.plugins.module_utils import manifests, variables
from ansible_collections.migplan.migration.plugins.module_utils.environment import environment_of
from ansible_collections.migplan.migration.plugins.module_utils.files import MARK, PROJECT_FILE, look_alike, read_text, write_text
from ansible_collections.migplan.migration.plugins.module_utils.metadata import known_of
from ansible_collections.migplan.migration.plugins.module_utils.yaml_text import yaml_text


class Failed(Exception):
    """Ends the run; `code` is the exit code of migplan, where that is why."""

    def __init__(self, msg, code=None):
        super().__init__(msg)
        self.code = code


class Run:
    """One run of the module; `result` is what it returns, also where it fails."""

    def __init__(self, module):
        self.module = module
        self.folder = module.params["project_dir"]
        cloud = module.params["settings"].get("dst_cloud")
        self.environment = environment_of(module.params["vcenter_password"], cloud, module.params["cloud_secrets"])
        if isinstance(cloud, dict):
            # Of two clouds none is made: what the environment says of another one would be mixed into this.
            for name in [name for name in os.environ if name.startswith("OS_")]:
                del os.environ[name]
        self.result = {"changed": False, "messages": [], "diagnostics": [], "files": [], "diff": []}

    def perform(self, scratch):
        vms, documents = self.documents()
        self.write(documents, scratch)
        groups = [
            (False, [vm for vm in vms if not vm["cutover"]]),
            (True, [vm for vm in vms if vm["cutover"]]),
        ]
        plans = [self.plan(scratch, cutover, group) for cutover, group in groups if group]
        blocked = sorted(address for plan in plans for address in plan["blocked"])
        if self.module.check_mode:
            self.result["changed"] = self.result["changed"] or any(plan["applyable"] for plan in plans)
        elif not (blocked and self.module.params["stop_on_blocked"]):
            for plan in plans:
                if plan["applyable"]:
                    self.apply(plan)
        if blocked:
            raise Failed("%s: blocked" % ", ".join(blocked))

    def documents(self):
        """The VMs with their switches filled in, and texts by path in the project folder."""
        params = self.module.params
        warnings, reasons = variables.judge(params["os_migrate"])
        for warning in warnings:
            self.module.warn(warning)
        settings = dict(params["settings"], cbt_sync=params["cbt_sync"], cutover=params["cutover"])
        settings["hw_machine_type"] = settings.get("hw_machine_type") or manifests.machine_type_of(settings.get("image_metadata"))
        documents, vms = [], []
        try:
            documents = [(PROJECT_FILE, manifests.project_document(settings))]
            vms = manifests.read_vms(params["vms"])
            for vm in vms:
                vm.update(known_of(vm, settings.get("metadata_dir")))
                for switch in ("cbt_sync", "cutover"):
                    vm.setdefault(switch, params[switch])
                documents.append(("manifests/%s.yaml" % vm["migration"], manifests.migration_document(vm, settings)))
        except manifests.Refused as refused:
            reasons = reasons + refused.reasons
        except ValueError as error:
            reasons = reasons + [str(error)]
        if reasons:
            raise Failed("\n".join(reasons))
        return vms, [(path, MARK + yaml_text(document)) for path, document in documents]

    def write(self, documents, scratch):
        """Into the project, or in check mode into a folder that looks like it."""
        for path, text in documents:
            old = read_text(os.path.join(self.folder, path))
            if old == text:
                continue
            if old is not None and not old.startswith(MARK):
                raise Failed(
                    "%s was not written by this collection, and is left alone: choose another import_workloads_project_dir"
                    % os.path.join(self.folder, path)
                )
            self.result["files"].append(path)
            self.result["diff"].append({"before_header": path, "after_header": path, "before": old or "", "after": text})
        if self.module.check_mode:
            self.folder = look_alike(self.folder, os.path.join(scratch, "project"))
        for path, text in documents:
            if path in self.result["files"]:
                write_text(os.path.join(self.folder, path), text)
        self.result["changed"] = self.result["files"] != []

    def plan(self, scratch, cutover, vms):
        file = os.path.join(scratch, "cutover.json" if cutover else "plan.json")
        targets = [word for vm in vms for word in ("--target", "vm/%s" % vm["migration"])]
        code, events = self.migplan(["plan", "--json", "--detailed-exitcode", "--out", file] + targets)
        self.tell(events)
        if code not in (0, 2):
            raise Failed("migplan plan failed", code)
        with open(file, encoding="utf-8") as saved:
            document = json.load(saved)
        self.result["plan"] = self.result.get("plan", "") + self.text_of(file)
        standing = {migration["address"]: standing_of(migration) for migration in document["migrations"]}
        self.result.setdefault("migrations", {}).update(standing)
        return {
            "file": file,
            "cutover": cutover,
            "applyable": document["plan"]["applyable"],
            "blocked": [address for address, word in standing.items() if word == "blocked"],
        }

    def text_of(self, file):
        code, out, err = self.module.run_command(self.command(["show", file]), cwd=self.folder, environ_update=self.environment)
        if code != 0:
            raise Failed("migplan show failed: %s%s" % (out, err), code)
        return out

    def apply(self, plan):
        approval = ["--allow-cutover"] if plan["cutover"] else []
        parallelism = str(self.module.params["parallelism"])
        code, events = self.migplan(["apply", plan["file"], "--json", "--parallelism", parallelism] + approval)
        self.result["changed"] = self.result["changed"] or told.has_changed(code, events)
        self.result["migrations"].update(told.results_of(events))
        self.tell(events)
        if code != 0 and not self.is_only_blocked(code, plan):
            raise Failed(told.EXIT_MEANS.get(code, "migplan apply ended with exit code %s" % code), code)

    def is_only_blocked(self, code, plan):
        """All of the plan is done; what it left out is told of together with the other plan's."""
        return code == 6 and plan["blocked"] and all(
            word in ("done", "blocked", "up-to-date") for word in self.result["migrations"].values()
        )

    def tell(self, events):
        for diagnostic in told.diagnostics_of(events):
            if diagnostic in self.result["diagnostics"]:
                continue
            self.result["diagnostics"].append(diagnostic)
            if diagnostic["severity"] == "warning":
                self.module.warn(told.sentence(diagnostic))
        self.result["messages"] += [note for note in told.notes_of(events) if note not in self.result["messages"]]
        self.result["summary"] = told.summary_of(events) or self.result.get("summary", "")

    def migplan(self, words):
        code, out, err = self.module.run_command(self.command(words), cwd=self.folder, environ_update=self.environment)
        self.result["exit_code"] = code
        events = told.read_events(out)
        if code != 0 and not told.diagnostics_of(events) and err.strip():
            self.result["messages"].append(err.strip())
        return code, events

    def command(self, words):
        executable = self.module.params["executable"]
        path = executable if os.path.isabs(executable) else self.module.get_bin_path(executable)
        if path is None:
            raise Failed("%s is not installed: install it (npm install -g migplan), or write import_workloads_migplan: /path/of/migplan" % executable)
        return [path] + words

    def end(self, failed):
        if self.result["changed"] and self.result.get("plan"):
            self.result["diff"].append({"prepared": self.result["plan"]})
        errors = [told.sentence(found) for found in self.result["diagnostics"] if found["severity"] == "error"]
        if failed is None:
            self.module.exit_json(msg=self.result.get("summary", ""), **self.result)
        # What went wrong is not to be looked for in a plan of many pages.
        self.result.pop("plan", None)
        if failed.code is not None:
            self.result["exit_code"] = failed.code
        self.module.fail_json(msg="\n".join([str(failed)] + (errors or self.result["messages"])), **self.result)


def standing_of(migration):
    if any(found["severity"] == "error" for found in migration["diagnostics"]):
        return "blocked"
    return "planned" if migration["actions"] else "up-to-date"


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
