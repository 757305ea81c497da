"""The OpenStack services: their schemas, their daemons, and which needs which."""
import os
import subprocess

from cloudlab.configuration import HERE
from cloudlab.settings import ADDRESS, LabError, write_private

ALL = ('keystone', 'cinder', 'placement', 'glance', 'neutron', 'nova')
NEEDS = {'keystone': (), 'cinder': ('keystone',), 'placement': ('keystone',), 'glance': ('keystone',), 'neutron': ('keystone',),
         'nova': ('keystone', 'cinder', 'placement', 'glance', 'neutron')}
CONFIG_FILES = {'keystone': 'keystone.conf', 'cinder': 'cinder.conf', 'placement': 'placement.conf', 'glance': 'glance-api.conf',
                'neutron': 'neutron.conf', 'nova': 'nova.conf'}
# Console scripts that Debian ships outside the python3-* packages: daemon -> (service, module whose main() it is).
CONSOLE_SCRIPTS = {
    'cinder-scheduler': ('cinder', 'cinder.cmd.scheduler'),
    'cinder-volume': ('cinder', 'cinder.cmd.volume'),
    'neutron-server': ('neutron', 'neutron.cmd.eventlet.server'),
    'neutron-agent': ('neutron', 'neutron.cmd.eventlet.plugins.linuxbridge_neutron_agent'),
    'nova-conductor': ('nova', 'nova.cmd.conductor'),
    # Not under uwsgi: with threads, calls that wait for an answer over RabbitMQ (console output) would hang.
    'nova-api': ('nova', 'nova.cmd.api_os_compute'),
    'nova-scheduler': ('nova', 'nova.cmd.scheduler'),
}
# daemon -> (service, what it is given beyond its environment)
WSGI = {'keystone': ('keystone', ()), 'cinder-api': ('cinder', ('--config-file', '{config}')), 'placement': ('placement', ()),
        'glance-api': ('glance', ())}
# They decide who may do what. The switch is in their environment, so that no other daemon starts anew when it is turned.
JUDGES = ('cinder-api', 'neutron-server', 'nova-api')
# Every daemon of a service, in the order they start.
DAEMONS = {
    'keystone': ('keystone',),
    'cinder': ('cinder-api', 'cinder-scheduler', 'cinder-volume'),
    'placement': ('placement',),
    'glance': ('glance-api',),
    'neutron': ('neutron-server', 'neutron-agent'),
    'nova': ('nova-conductor', 'nova-api', 'nova-scheduler', 'nova-compute'),
}
PLATFORM_DAEMONS = ('epmd', 'rabbitmq', 'mariadb', 'ceph-mon', 'ceph-osd', 'ceph-mgr', 'libvirtd')
# Read from the directory that an environment variable names, instead of a --config-file.
CONFIG_DIRECTORY_VARIABLES = ('OS_KEYSTONE_CONFIG_DIR', 'OS_GLANCE_CONFIG_DIR', 'OS_PLACEMENT_CONFIG_DIR')


def with_needed(names):
    """The named services and all they need, in the order of ALL. Raises LabError for a name that is none."""
    unknown = [name for name in names if name not in ALL]
    if unknown:
        raise LabError(f'no such service: {" ".join(unknown)}; the services are {" ".join(ALL)}')
    wanted = {needed for name in names for needed in (name, *NEEDS[name])}
    return [name for name in ALL if name in wanted]


def config_path(settings, service):
    return settings.path('etc', service, CONFIG_FILES[service])


def make_schema(settings, service):
    """Once for a state directory; a half-made schema is continued by the next run."""
    marker = settings.path('mysql', f'schema-{service}-made')
    if os.path.exists(marker):
        return
    module = ['cloudlab.identity'] if service == 'keystone' else ['cloudlab.schema', service]
    with open(settings.path('log', f'schema-{service}.log'), 'ab') as log:
        result = subprocess.run(
            ['/usr/bin/python3', '-B', '-P', '-m', *module, config_path(settings, service)],
            env={**os.environ, 'PYTHONPATH': os.path.dirname(HERE), 'MIGPLAN_LAB_STATE': settings.state},
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)
    if result.returncode:
        raise LabError(f'the schema of {service} failed, see {log.name}')
    write_private(marker, '')


def start_daemon(settings, daemons, name):
    """Starts one daemon of DAEMONS when it does not run, or runs with another configuration."""
    service = next(service for service, names in DAEMONS.items() if name in names)
    command, environment = command_of(settings, name)
    directory = settings.path('etc', service)
    files = [os.path.join(directory, file) for file in sorted(os.listdir(directory))]
    if name in WSGI:
        files.append(wsgi_file(settings, service))
    return daemons.start(name, command, {**environment, **role_rules(settings, name)}, files)


def role_rules(settings, name):
    """With `false` the rules of older releases still hold beside the new ones, and a reader may write."""
    return {'OS_OSLO_POLICY__ENFORCE_NEW_DEFAULTS': str(settings.strict_roles).lower()} if name in JUDGES else {}


def command_of(settings, name):
    """(command, environment) of a daemon."""
    if name in WSGI:
        return wsgi_command(settings, name)
    if name == 'nova-compute':
        return ['python3', os.path.join(HERE, 'nova_compute.py'), '--config-file', config_path(settings, 'nova')], {}
    service, module = CONSOLE_SCRIPTS[name]
    script = f'import sys; sys.argv[0] = "{name}"; from {module} import main; sys.exit(main())'
    return ['python3', '-c', script, '--config-file', config_path(settings, service)], {}


def wsgi_command(settings, name):
    service, arguments = WSGI[name]
    given = ' '.join(arguments).format(config=config_path(settings, service))
    command = ['uwsgi', '--plugins', 'python3', '--http-socket', f'{ADDRESS}:{settings.port(service)}',
               '--wsgi-file', wsgi_file(settings, service), *(['--pyargv', given] if given else []),
               '--threads', '6', '--enable-threads', '--need-app', '--die-on-term', '--no-orphans', '--buffer-size', '65535',
               '--add-header', 'Connection: close', '--disable-logging']
    return command, {variable: settings.path('etc', service) for variable in CONFIG_DIRECTORY_VARIABLES}


def wsgi_file(settings, service):
    return settings.path('etc', 'wsgi', f'{service}.py')
