"""The Debian packages of the lab.

Only the Python code of the services is installed (python3-*), not their daemon packages: no debconf questions, no init scripts,
no system users. The lab starts every daemon itself. libvirt-daemon-system is the exception, for the user libvirt-qemu that libvirtd
looks up at its start.
"""
import os
import subprocess
from contextlib import contextmanager

from cloudlab.settings import LabError, say

SERVICES = ('python3-keystone', 'python3-glance', 'python3-placement', 'python3-cinder', 'python3-nova', 'python3-neutron')
PLATFORM = (
    'uwsgi-core', 'uwsgi-plugin-python3', 'mariadb-server-core', 'mariadb-client-core', 'rabbitmq-server',
    'ceph-mon', 'ceph-osd', 'ceph-mgr', 'ceph-common',
    'libvirt-daemon-system', 'libvirt-clients', 'python3-libvirt',
    'qemu-system-x86', 'qemu-utils', 'qemu-block-extra', 'qemu-system-common', 'ovmf', 'libnbd-bin', 'iproute2',
)
POLICY = '/usr/sbin/policy-rc.d'
# Waits for another apt run, does not fsync every unpacked file, keeps configuration files the machine already has.
APT_OPTIONS = (
    '-o', 'DPkg::Lock::Timeout=600', '-o', 'Dpkg::Options::=--force-unsafe-io', '-o', 'Dpkg::Options::=--force-confold',
    '-o', 'Dpkg::Use-Pty=0',
)


def missing_packages():
    """Names of SERVICES and PLATFORM that dpkg does not list as installed."""
    wanted = SERVICES + PLATFORM
    listed = subprocess.run(['dpkg-query', '-W', '-f', '${Package} ${db:Status-Status}\n', *wanted],
                            capture_output=True, text=True, check=False).stdout
    installed = {line.split()[0] for line in listed.splitlines() if line.endswith(' installed')}
    return [name for name in wanted if name not in installed]


def install_packages(log_path):
    """Installs what is missing, after saying so. The package lists are refreshed only when the first try fails."""
    missing = missing_packages()
    if not missing:
        return
    say(f'installing Debian packages: {" ".join(missing)}')
    with open(log_path, 'ab') as log, no_services_started():
        if apt_install(missing, log):
            return
        say('refreshing the package lists')
        apt(['update'], log)
        if not apt_install(missing, log):
            raise LabError(f'apt-get install failed, see {log_path}')


def apt_install(names, log):
    return apt(['install', '-y', '--no-install-recommends', *names], log)


def apt(arguments, log):
    environment = {**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'}
    return subprocess.run(['apt-get', *APT_OPTIONS, *arguments], env=environment, stdin=subprocess.DEVNULL,
                          stdout=log, stderr=log, check=False).returncode == 0


@contextmanager
def no_services_started():
    """Keeps package scripts from starting rabbitmq and ceph of their own; an existing policy of the machine is left alone."""
    if os.path.exists(POLICY):
        yield
        return
    with open(POLICY, 'w', encoding='ascii') as policy:
        policy.write('#!/bin/sh\nexit 101\n')
    os.chmod(POLICY, 0o755)
    try:
        yield
    finally:
        os.unlink(POLICY)
