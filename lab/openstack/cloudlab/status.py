"""What runs, with pid and memory."""
from cloudlab import hypervisor
from cloudlab.processes import proportional_kib
from cloudlab.services import DAEMONS, PLATFORM_DAEMONS, with_needed

ALL_WELL, DAEMON_MISSING, DOWN = 0, 1, 3


def expected_daemons(services):
    """Names of the daemons that the services, and the platform under them, consist of."""
    wanted = with_needed(services)
    platform = {'mariadb'}
    if set(wanted) & {'cinder', 'neutron', 'nova'}:
        platform |= {'epmd', 'rabbitmq'}
    if 'cinder' in wanted:
        platform |= {'ceph-mon', 'ceph-osd', 'ceph-mgr'}
    if 'nova' in wanted:
        platform.add('libvirtd')
    return [*(name for name in PLATFORM_DAEMONS if name in platform), *(name for service in wanted for name in DAEMONS[service])]


def print_status(settings, daemons, services):
    """Prints one line a daemon and one a guest; returns the exit status."""
    if not services:
        print(f'down (state in {settings.state})')
        return DOWN
    missing, total = 0, 0
    for name in expected_daemons(services):
        running = daemons.is_running(name)
        missing += not running
        kib = daemons.memory_kib(name) if running else 0
        total += kib
        print(f'{name:20} {"pid " + str(daemons.record(name)["pid"]) if running else "not running":14} {kib // 1024:6} MiB')
    for name, pid in sorted(hypervisor.guests(settings).items()):
        print(f'{name:20} pid {pid:<10} {proportional_kib(pid) // 1024:6} MiB  guest')
    print(f'{"daemons":20} {missing} missing      {total // 1024:6} MiB  state in {settings.state}')
    return DAEMON_MISSING if missing else ALL_WELL
