# Copyright: the migplan authors
# Apache License 2.0 (see https://www.apache.org/licenses/LICENSE-2.0)
"""One run of the module migplan: manifests, plans, applies, and what is told of them."""

import json
import os

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
        self.passed_over = set()

    def perform(self, scratch):
        vms, documents = self.documents()
        self.write(documents, scratch)
        if not vms:
            self.module.warn("import_workloads_vms names no VM: nothing is done")
        groups = [
            ("plan", [vm for vm in vms if not vm["cutover"]]),
            ("cutover", [vm for vm in vms if vm["cutover"]]),
        ]
        plans = [self.plan(os.path.join(scratch, "%s.json" % name), group) for name, group in groups if group]
        self.pass_over_converted(vms, scratch)
        blocked = self.blocked()
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
        self.settings = settings
        documents, vms = [], []
        try:
            documents = [(PROJECT_FILE, MARK + yaml_text(manifests.project_document(settings)))]
            vms = manifests.read_vms(params["vms"])
            for vm in vms:
                vm.update(known_of(vm, settings))
                for switch in ("cbt_sync", "cutover"):
                    vm.setdefault(switch, params[switch])
                documents.append(self.manifest(vm))
        except manifests.Refused as refused:
            reasons = reasons + refused.reasons
        except ValueError as error:
            reasons = reasons + [str(error)]
        if reasons:
            raise Failed("\n".join(reasons))
        return vms, documents

    def manifest(self, vm):
        """Its path in the project folder, and its text."""
        return "manifests/%s.yaml" % vm["migration"], MARK + yaml_text(manifests.migration_document(vm, self.settings))

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

    def plan(self, file, vms):
        document, events = self.planned(file, vms, self.folder)
        self.tell(events)
        self.result["plan"] = self.result.get("plan", "") + self.text_of(file)
        standing = {migration["address"]: told.standing_of(migration) for migration in document["migrations"]}
        self.result.setdefault("migrations", {}).update(standing)
        return {"file": file, "applyable": document["plan"]["applyable"], "cutover": any(vm["cutover"] for vm in vms)}

    def planned(self, file, vms, folder):
        targets = [word for vm in vms for word in ("--target", "vm/%s" % vm["migration"])]
        code, events = self.migplan(["plan", "--json", "--detailed-exitcode", "--out", file] + targets, folder)
        if code not in (0, 2):
            self.tell(events)
            raise Failed("migplan plan failed", code)
        with open(file, encoding="utf-8") as saved:
            return json.load(saved), events

    def pass_over_converted(self, vms, scratch):
        """
        A VM that was cut over blocks a sync. It is passed over where nothing is left of its cutover, which a plan of the cutover tells,
        made beside the project and never applied; where something is left, it stays blocked.
        """
        converted = [vm for vm in vms if told.only_converted(self.result["diagnostics"], "vm/%s" % vm["migration"]) and not vm["cutover"]]
        if not converted:
            return
        folder = look_alike(self.folder, os.path.join(scratch, "converted"))
        for vm in converted:
            path, text = self.manifest(dict(vm, cutover=True, cbt_sync=True))
            write_text(os.path.join(folder, path), text)
        document, events = self.planned(os.path.join(scratch, "converted.json"), converted, folder)
        done = [migration["address"] for migration in document["migrations"] if told.standing_of(migration) == "up-to-date"]
        self.result["diagnostics"] = [found for found in self.result["diagnostics"] if told.vm_of(found) not in done]
        self.result["migrations"].update({address: "already-converted" for address in done})
        self.result["messages"] += ["%s: Volume already converted" % address for address in done]
        self.passed_over = set(done)
        self.result["diagnostics"] += [found for found in told.diagnostics_of(events) if told.vm_of(found) in done]

    def blocked(self):
        return sorted(address for address, word in self.result.get("migrations", {}).items() if word == "blocked")

    def text_of(self, file):
        code, out, err = self.module.run_command(self.command(["show", file]), cwd=self.folder, environ_update=self.environment)
        if code != 0:
            raise Failed("migplan show failed: %s%s" % (out, err), code)
        return out

    def apply(self, plan):
        approval = ["--allow-cutover"] if plan["cutover"] else []
        parallelism = str(self.module.params["parallelism"])
        code, events = self.migplan(["apply", plan["file"], "--json", "--parallelism", parallelism] + approval, self.folder)
        self.result["changed"] = self.result["changed"] or told.has_changed(code, events)
        ended = {address: word for address, word in told.results_of(events).items() if word != "blocked"}
        self.result["migrations"].update(ended)
        # What blocks a VM is told by apply once more.
        self.tell([event for event in events if told.vm_of(event.get("diagnostic") or {}) not in self.passed_over])
        # What the plan left out is told of at the end, together with the other plan's.
        is_all_else_done = code == 6 and ended and set(ended.values()) == {"done"}
        if code != 0 and not is_all_else_done:
            raise Failed(told.EXIT_MEANS.get(code, "migplan apply ended with exit code %s" % code), code)

    def tell(self, events):
        self.result["diagnostics"] += [found for found in told.diagnostics_of(events) if found not in self.result["diagnostics"]]
        self.result["messages"] += [note for note in told.notes_of(events) if note not in self.result["messages"]]
        self.result["summary"] = told.summary_of(events) or self.result.get("summary", "")

    def migplan(self, words, folder):
        code, out, err = self.module.run_command(self.command(words), cwd=folder, environ_update=self.environment)
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
        for warning in told.warnings_of(self.result["diagnostics"]):
            self.module.warn(warning)
        if self.result["changed"] and self.result.get("plan"):
            self.result["diff"].append({"prepared": self.result["plan"]})
        if failed is None:
            self.module.exit_json(msg=self.result.get("summary", ""), **self.result)
        # What went wrong is not to be looked for in a plan of many pages.
        self.result.pop("plan", None)
        if failed.code is not None:
            self.result["exit_code"] = failed.code
        errors = [told.sentence(found) for found in self.result["diagnostics"] if found["severity"] == "error"]
        self.module.fail_json(msg="\n".join([str(failed)] + (errors or self.result["messages"])), **self.result)
