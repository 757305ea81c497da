"""libvirtd in a mount namespace of its own, so that a libvirt of the machine is neither used nor disturbed."""
import base64
import os
import shlex
import signal

from cloudlab.processes import signal_process, start_time, wait_until
from cloudlab.settings import LabError

# Where libvirt looks, and what it is to see there (below the state directory).
BINDS = {
    '/etc/libvirt': 'etc/libvirt', '/var/lib/libvirt': 'libvirt/lib', '/var/cache/libvirt': 'libvirt/cache', '/run/libvirt': 'run/libvirt',
}


def bring_up(settings, daemons, secrets):
    """Ends when libvirt answers and knows the key with which QEMU opens RBD images."""
    for place in BINDS:
        os.makedirs(place, exist_ok=True)
    binds = [f'mount --bind {shlex.quote(settings.path(source))} {place}' for place, source in BINDS.items()]
    libvirtd = f'exec libvirtd -f /etc/libvirt/libvirtd.conf -p {shlex.quote(settings.path("run", "libvirtd.pid"))}'
    daemons.start('libvirtd', ['unshare', '--mount', '--propagation', 'private', 'bash', '-c', ' && '.join([*binds, libvirtd])],
                  files=[settings.path('etc', 'libvirt', 'libvirtd.conf'), settings.path('etc', 'libvirt', 'qemu.conf')])
    wait_until('libvirt', 300, lambda: answers(settings))
    define_secret(settings, secrets)


def answers(settings):
    import libvirt  # Debian's binding, installed by now
    libvirt.registerErrorHandler(lambda *_: None, None)
    try:
        libvirt.openReadOnly(settings.libvirt_uri).close()
    except libvirt.libvirtError:
        return False
    return True


def define_secret(settings, secrets):
    import libvirt
    connection = libvirt.open(settings.libvirt_uri)
    try:
        secret = connection.secretDefineXML(
            f"<secret ephemeral='no' private='no'><uuid>{secrets['secretUuid']}</uuid>"
            "<usage type='ceph'><name>client.cinder key</name></usage></secret>")
        # libvirt's API takes the key itself, not its base64 text, which is what Ceph calls the key.
        secret.setValue(base64.b64decode(secrets['ceph']['client.cinder']))
    finally:
        connection.close()


def domain_xml(settings, server):
    """What libvirt runs for a server of Nova, by its id."""
    import libvirt
    connection = libvirt.openReadOnly(settings.libvirt_uri)
    try:
        return connection.lookupByUUIDString(server).XMLDesc()
    finally:
        connection.close()


def guests(settings):
    """{name: pid} of the QEMU processes of this libvirt, from the pid files in its private run directory."""
    directory = settings.path('run', 'libvirt', 'qemu')
    if not os.path.isdir(directory):
        return {}
    found = {}
    for file in os.listdir(directory):
        name, extension = os.path.splitext(file)
        if extension == '.pid':
            pid = read_pid(os.path.join(directory, file))
            if pid is not None and is_guest(pid, name):
                found[name] = pid
    return found


def read_pid(path):
    try:
        with open(path, encoding='ascii') as file:
            text = file.read().strip()
    except FileNotFoundError:
        return None
    return int(text) if text.isdecimal() else None


def is_guest(pid, name):
    try:
        with open(f'/proc/{pid}/cmdline', 'rb') as file:
            words = file.read().split(b'\0')
    except OSError:
        return False
    return b'qemu-system' in words[0] and any(word.startswith(f'guest={name},'.encode()) for word in words)


def end_guests(settings):
    """Ends all guests. They carry no mark, because libvirt clears their environment."""
    doomed = {pid: start_time(pid) for pid in guests(settings).values()}
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid, started in doomed.items():
            if start_time(pid) == started:
                signal_process(pid, number)
        if all_gone(doomed, 10):
            return


def all_gone(doomed, seconds):
    try:
        wait_until('the guests', seconds, lambda: all(start_time(pid) != started for pid, started in doomed.items()))
    except LabError:
        return False
    return True
