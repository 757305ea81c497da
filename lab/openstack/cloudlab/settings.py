"""Where the lab lives, which ports it takes, and its switches.

Switches come from the environment, else from the last `up` in the same state directory, else from the defaults below.
"""
import json
import os
import time
from dataclasses import dataclass

ADDRESS = '127.0.0.1'
HOST = 'lab'
REGION = 'RegionOne'
# libvirt's admin socket, the longest path below the state directory, must fit in the 108 bytes of a unix socket address.
STATE_PATH_MAX = 70

# Every listener is PORT_BASE + its number here; Ceph's daemons take a range of their own.
PORT_NUMBERS = {
    'keystone': 0, 'cinder': 1, 'glance': 2, 'placement': 3, 'nova': 4, 'neutron': 5,
    'rabbit': 6, 'rabbit_distribution': 7, 'epmd': 8, 'ceph_mon_v2': 9, 'ceph_mon_v1': 10, 'ceph_first': 20, 'ceph_last': 59,
}

# What clients talk to: the services, and of Ceph the monitor. Its OSD and manager take ports of the range as they come.
CLIENT_PORTS = ('keystone', 'cinder', 'glance', 'placement', 'nova', 'neutron', 'ceph_mon_v2', 'ceph_mon_v1')

# name: (environment variable, default, may it change once the state exists?)
SWITCHES = {
    'port_base': ('MIGPLAN_LAB_PORT_BASE', '24000', False),
    'osd_gib': ('MIGPLAN_LAB_OSD_GIB', '40', False),
    'resource_filters': ('MIGPLAN_LAB_RESOURCE_FILTERS', 'on', True),
    'pcie_ports': ('MIGPLAN_LAB_PCIE_PORTS', '0', True),
    'strict_roles': ('MIGPLAN_LAB_STRICT_ROLES', 'off', True),
}


class LabError(Exception):
    """Something the person at the keyboard has to know; its text is the whole message."""


@dataclass(frozen=True)
class Settings:
    state: str
    port_base: int
    osd_gib: int
    resource_filters: bool
    pcie_ports: int
    strict_roles: bool

    def port(self, name):
        return self.port_base + PORT_NUMBERS[name]

    def url(self, service):
        return f'http://{ADDRESS}:{self.port(service)}'

    @property
    def client_ports(self):
        return [*map(self.port, CLIENT_PORTS), *range(self.port('ceph_first'), self.port('ceph_last') + 1)]

    def path(self, *parts):
        return os.path.join(self.state, *parts)

    @property
    def auth_url(self):
        return f'{self.url("keystone")}/v3'

    @property
    def libvirt_uri(self):
        return f'qemu+unix:///system?socket={self.path("run", "libvirt", "libvirt-sock")}'

    @property
    def ceph_conf(self):
        return self.path('etc', 'ceph', 'ceph.conf')


def state_directory():
    cache = os.environ.get('XDG_CACHE_HOME')
    default = os.path.join(cache, 'migplan-openstack') if cache else '/var/tmp/migplan-openstack'
    state = os.path.realpath(os.environ.get('MIGPLAN_LAB_STATE') or default)
    if len(state) > STATE_PATH_MAX:
        raise LabError(f'state directory {state} is longer than {STATE_PATH_MAX} characters, too long for unix sockets: '
                       'set MIGPLAN_LAB_STATE')
    return state


def load_settings():
    """Settings of this run. Raises LabError when the environment contradicts what the state was made with."""
    state = state_directory()
    saved = read_json(os.path.join(state, 'settings.json'), {})
    values = {}
    for name, (variable, default, may_change) in SWITCHES.items():
        asked, before = os.environ.get(variable), saved.get(name)
        if asked and before and asked != before and not may_change:
            raise LabError(f'{variable}={asked}, but {state} was made with {before}: run down --wipe first')
        values[name] = asked or before or default
    return Settings(state=state, port_base=number(values, 'port_base'), osd_gib=number(values, 'osd_gib'),
                    resource_filters=switch(values, 'resource_filters'), pcie_ports=number(values, 'pcie_ports'),
                    strict_roles=switch(values, 'strict_roles'))


def switch(values, name):
    if values[name] not in ('on', 'off'):
        raise LabError(f'{SWITCHES[name][0]}={values[name]} is neither on nor off')
    return values[name] == 'on'


def number(values, name):
    if not values[name].isdecimal():
        raise LabError(f'{SWITCHES[name][0]}={values[name]} is not a number')
    return int(values[name])


def save_settings(settings):
    write_private(settings.path('settings.json'), json.dumps({
        'port_base': str(settings.port_base), 'osd_gib': str(settings.osd_gib),
        'resource_filters': 'on' if settings.resource_filters else 'off', 'pcie_ports': str(settings.pcie_ports),
        'strict_roles': 'on' if settings.strict_roles else 'off'}, indent=1) + '\n')


def read_json(path, default):
    try:
        with open(path, encoding='utf-8') as file:
            return json.load(file)
    except FileNotFoundError:
        return default


def write_private(path, text):
    """Replaces a file in one step, readable by its owner only."""
    temporary = f'{path}.new'
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w', encoding='utf-8') as file:
        file.write(text)
    os.replace(temporary, path)


STARTED = time.monotonic()


def say(text):
    print(f'{time.monotonic() - STARTED:6.1f}s  {text}', flush=True)
