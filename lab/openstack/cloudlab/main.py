"""The subcommands."""
import argparse
import fcntl
import os
import signal
import sys
from contextlib import contextmanager

from cloudlab.bring_up import bring_up, wanted_before
from cloudlab.packages import install_packages
from cloudlab.processes import Daemons
from cloudlab.quota import quota
from cloudlab.secrets_of_state import load_secrets
from cloudlab.services import ALL
from cloudlab.settings import LabError, load_settings, say
from cloudlab.smoke import smoke
from cloudlab.status import print_status
from cloudlab.take_down import known_daemon, take_down, wipe


def parse(words):
    parser = argparse.ArgumentParser(prog='lab', description='A real OpenStack on loopback.')
    commands = parser.add_subparsers(dest='command', required=True)
    up = commands.add_parser('up')
    up.add_argument('services', nargs='*', metavar='SERVICE', help=f'any of {", ".join(ALL)}; all when none is named')
    down = commands.add_parser('down')
    down.add_argument('--wipe', action='store_true', help='remove the state directory too')
    down.add_argument('daemons', nargs='*', metavar='DAEMON')
    commands.add_parser('status')
    restart = commands.add_parser('restart')
    restart.add_argument('--kill', action='store_true', help='SIGKILL instead of SIGTERM')
    restart.add_argument('daemons', nargs='+', metavar='DAEMON')
    limits = commands.add_parser('quota')
    limits.add_argument('--reset', action='store_true', help='back to the defaults first')
    limits.add_argument('project', metavar='PROJECT')
    limits.add_argument('limits', nargs='*', metavar='NAME=LIMIT')
    commands.add_parser('smoke')
    return parser.parse_args(words)


@contextmanager
def exclusive(settings):
    """One up, down or restart at a time for a state directory. The lock is the directory itself, so that none is left behind."""
    while True:
        os.makedirs(settings.state, mode=0o700, exist_ok=True)
        directory = os.open(settings.state, os.O_RDONLY)
        try:
            fcntl.flock(directory, fcntl.LOCK_EX)
            if is_still(directory, settings.state):
                yield
                return
        finally:
            os.close(directory)


def is_still(directory, path):
    """Whether the open directory is still what the path names; a wipe may have come in between."""
    try:
        return os.path.samestat(os.fstat(directory), os.stat(path))
    except FileNotFoundError:
        return False


def run_up(settings, options):
    install_packages('/var/tmp/migplan-openstack-packages.log')
    with exclusive(settings):
        bring_up(settings, options.services or ALL)
    say(f'up: {settings.path("clouds.yaml")}')


def run_down(settings, options):
    check_names(options.daemons)
    if not os.path.isdir(settings.state):
        say('down already')
        return
    with exclusive(settings):
        daemons = Daemons(settings)
        if options.daemons:
            for name in options.daemons:
                daemons.stop(name)
        else:
            take_down(settings, daemons)
        if options.wipe:
            wipe(settings)
    say('down')


def run_restart(settings, options):
    check_names(options.daemons)
    with exclusive(settings):
        services = running_services(settings)
        for name in options.daemons:
            Daemons(settings).stop(name, first=signal.SIGKILL if options.kill else signal.SIGTERM)
        bring_up(settings, services)
    say(f'restarted {" ".join(options.daemons)}')


def check_names(names):
    unknown = [name for name in names if not known_daemon(name)]
    if unknown:
        raise LabError(f'no such daemon: {" ".join(unknown)}; status lists them')


def running_services(settings):
    services = wanted_before(settings)
    if not services:
        raise LabError('the lab is down: run up first')
    return services


def run(options):
    settings = load_settings()
    if options.command == 'up':
        run_up(settings, options)
    elif options.command == 'down':
        run_down(settings, options)
    elif options.command == 'restart':
        run_restart(settings, options)
    elif options.command == 'status':
        return print_status(settings, Daemons(settings), wanted_before(settings))
    elif options.command == 'quota':
        quota(settings, load_secrets(settings), running_services(settings), options)
    else:
        return smoke(settings, load_secrets(settings), running_services(settings))
    return 0


def main():
    # What Python needed to find this package is not for the daemons.
    os.environ.pop('PYTHONPATH', None)
    os.umask(0o077)
    try:
        return run(parse(sys.argv[1:]))
    except LabError as error:
        print(f'lab: {error}', file=sys.stderr)
        return 1


if __name__ == '__main__':
    sys.exit(main())
