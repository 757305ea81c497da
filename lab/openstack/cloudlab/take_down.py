"""Stops what the lab started, and removes what it left in the machine."""
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

from cloudlab import database, hypervisor
from cloudlab.processes import remove_if_present
from cloudlab.services import DAEMONS, PLATFORM_DAEMONS
from cloudlab.settings import LabError

# What Neutron and os-vif call their interfaces: a prefix and the first eleven characters of a network's or port's id.
INTERFACE = re.compile(r'^(brq|tap)([0-9a-f-]{11})$')


def take_down(settings, daemons):
    """Services first, then guests, then what they stood on; Ceph's monitor and the port mapper are the last."""
    interfaces = our_interfaces(settings, daemons)
    stop_side_by_side(daemons, [name for names in DAEMONS.values() for name in names])
    hypervisor.end_guests(settings)
    last = ('ceph-mon', 'epmd')
    stop_side_by_side(daemons, [name for name in PLATFORM_DAEMONS if name not in last])
    stop_side_by_side(daemons, [*last, *daemons.recorded()])
    for interface in interfaces:
        subprocess.run(['ip', 'link', 'delete', interface], capture_output=True, check=False)
    remove_if_present(settings.path('services.json'))


def stop_side_by_side(daemons, names):
    with ThreadPoolExecutor(max_workers=16) as pool:
        list(pool.map(daemons.stop, names))


def our_interfaces(settings, daemons):
    """Interfaces named after networks and ports of this cloud; another one on the machine keeps its own."""
    candidates = {found.group(): found.group(2) for found in map(INTERFACE.match, os.listdir('/sys/class/net')) if found}
    if not candidates or not os.path.isdir(settings.path('mysql', 'neutron')):
        return []
    database.bring_up(settings, daemons)
    known = {row[0][:11] for row in database.query(settings, 'select id from neutron.networks union select id from neutron.ports') or []}
    return [name for name, identifier in candidates.items() if identifier in known]


def wipe(settings):
    """Removes the state directory, if it is one of ours."""
    if not os.path.isdir(settings.state):
        return
    if os.listdir(settings.state) and not os.path.exists(settings.path('settings.json')):
        raise LabError(f'{settings.state} does not look like a state directory of this lab: not removed')
    shutil.rmtree(settings.state)


def known_daemon(name):
    return name in PLATFORM_DAEMONS or any(name in names for names in DAEMONS.values())
