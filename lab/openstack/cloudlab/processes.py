"""Daemons of the lab: each runs in a session of its own and is known by two things, a record and a mark.

The record (run/NAME.json) holds the pid, its start time in clock ticks since boot, and a fingerprint of what it was started with.
The mark is an environment variable that children inherit, so a helper whose parent was killed is still recognised as ours.
Nothing else is ever signalled.
"""
import hashlib
import json
import os
import signal
import subprocess
import time

from cloudlab.settings import LabError, read_json, write_private

MARK = 'MIGPLAN_LAB_DAEMON'
POLL_SECONDS = 0.1


class Daemons:
    """The daemons of one state directory."""

    def __init__(self, settings):
        self.settings = settings

    def start(self, name, command, environment=None, files=()):
        """Starts a daemon unless it runs already with the same command, environment and files. Returns whether it was started."""
        environment = environment or {}
        fingerprint = fingerprint_of(command, environment, files)
        if self.is_running(name) and self.record(name).get('fingerprint') == fingerprint:
            return False
        self.stop(name)
        mark = {MARK: self.mark(name)}
        with open(self.settings.path('log', f'{name}.log'), 'ab') as log:
            process = subprocess.Popen(command, env={**os.environ, **environment, **mark}, start_new_session=True,
                                       stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        write_private(self.record_path(name), json.dumps(
            {'pid': process.pid, 'startTime': start_time(process.pid), 'fingerprint': fingerprint, 'since': time.time()}))
        return True

    def stop(self, name, seconds=20, first=signal.SIGTERM):
        """Ends a daemon and whatever it left behind: `first` to its session, SIGKILL to those still there after `seconds`."""
        if self.is_running(name):
            signal_group(self.record(name)['pid'], first)
        deadline = time.monotonic() + seconds
        while self.is_running(name) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        while self.is_running(name) or marked(self.mark(name)):
            if self.is_running(name):
                signal_group(self.record(name)['pid'], signal.SIGKILL)
            for pid in marked(self.mark(name)):
                signal_process(pid, signal.SIGKILL)
            time.sleep(POLL_SECONDS)
        remove_if_present(self.record_path(name))

    def is_running(self, name):
        record = self.record(name)
        return bool(record) and record['startTime'] is not None and start_time(record['pid']) == record['startTime']

    def expect_running(self, names):
        """Raises LabError when one of them has ended."""
        for name in names:
            if not self.is_running(name):
                raise LabError(f'{name} has ended, see {self.settings.path("log", f"{name}.log")}')

    def record(self, name):
        return read_json(self.record_path(name), {})

    def recorded(self):
        """Names of all daemons that were started and not stopped since, dead or alive."""
        run = self.settings.path('run')
        if not os.path.isdir(run):
            return []
        return sorted(file[:-len('.json')] for file in os.listdir(run) if file.endswith('.json'))

    def record_path(self, name):
        return self.settings.path('run', f'{name}.json')

    def mark(self, name):
        return f'{self.settings.state}:{name}'

    def memory_kib(self, name):
        """Proportional set size of the daemon and its helpers."""
        return sum(proportional_kib(pid) for pid in marked(self.mark(name)))


def fingerprint_of(command, environment, files):
    digest = hashlib.sha256(json.dumps([list(command), environment]).encode())
    for path in files:
        with open(path, 'rb') as file:
            digest.update(file.read())
    return digest.hexdigest()


def start_time(pid):
    """Field 22 of /proc/PID/stat, or None when there is no such process or only a zombie is left of it."""
    try:
        with open(f'/proc/{pid}/stat', encoding='utf-8', errors='replace') as file:
            fields = file.read().rpartition(')')[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == 'Z' and threads_of(pid) <= 1 else int(fields[19])


def threads_of(pid):
    """While a process ends its first thread may be a zombie already and others still hold its listening sockets."""
    try:
        return len(os.listdir(f'/proc/{pid}/task'))
    except (FileNotFoundError, ProcessLookupError):
        return 0


def marked(mark):
    """Pids of the living processes that carry this mark."""
    wanted = f'{MARK}={mark}'.encode()
    return [pid for pid in all_pids() if wanted in environment_of(pid) and start_time(pid) is not None]


def all_pids():
    return [int(entry) for entry in os.listdir('/proc') if entry.isdecimal()]


def environment_of(pid):
    try:
        with open(f'/proc/{pid}/environ', 'rb') as file:
            return file.read().split(b'\0')
    except OSError:
        return []


def proportional_kib(pid):
    try:
        with open(f'/proc/{pid}/smaps_rollup', encoding='ascii') as file:
            return next((int(line.split()[1]) for line in file if line.startswith('Pss:')), 0)
    except OSError:
        return 0


def signal_group(pid, number):
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        pass


def signal_process(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def remove_if_present(path):
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def wait_until(what, seconds, holds):
    """Polls until `holds()` is true; raises LabError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise LabError(f'gave up waiting for {what} after {seconds} s')
        time.sleep(POLL_SECONDS)
