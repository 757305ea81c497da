"""Limits of one project in Cinder, Nova and Neutron."""
from cloudlab.api import ApiError, password_session
from cloudlab.settings import LabError

# name of a limit: the service that keeps it. Cinder also takes volumes_TYPE, gigabytes_TYPE and snapshots_TYPE.
LIMITS = {
    'cinder': ('volumes', 'gigabytes', 'snapshots', 'per_volume_gigabytes'),
    'nova': ('instances', 'cores', 'ram'),
    'neutron': ('network', 'subnet', 'port'),
}
PATHS = {'cinder': ('/os-quota-sets/{}', 'quota_set'), 'nova': ('/os-quota-sets/{}', 'quota_set'), 'neutron': ('/quotas/{}', 'quota')}


def service_of(limit):
    for service, names in LIMITS.items():
        if limit in names or (service == 'cinder' and limit.split('_')[0] in ('volumes', 'gigabytes', 'snapshots')):
            return service
    raise LabError(f'no limit is called {limit}; there are {", ".join(name for names in LIMITS.values() for name in names)}')


def parse_limits(words):
    """{service: {limit: number}} from NAME=LIMIT words; -1 is no limit."""
    limits = {}
    for word in words:
        name, equals, value = word.partition('=')
        if not equals or not value.removeprefix('-').isdecimal():
            raise LabError(f'{word} is not NAME=NUMBER')
        limits.setdefault(service_of(name), {})[name] = int(value)
    return limits


def quota(settings, secrets, services, options):
    """Sets, resets or (without limits) only prints the limits of a project."""
    admin = password_session(settings, secrets, 'admin', 'admin')
    found = admin.call('keystone', 'GET', f'/projects?name={options.project}')['projects']
    if not found:
        raise LabError(f'no project is called {options.project}')
    limits = parse_limits(options.limits)
    for service in (name for name in LIMITS if name in services):
        path, key = PATHS[service][0].format(found[0]['id']), PATHS[service][1]
        if options.reset:
            reset(admin, service, path)
        if service in limits:
            admin.call(service, 'PUT', path, {key: limits[service]})
        print(service, *(f'{name}={value}' for name, value in admin.call(service, 'GET', path)[key].items()
                         if name in LIMITS[service] or name in limits.get(service, {})))


def reset(admin, service, path):
    """Neutron answers 404 when the project has no limits of its own; then there is nothing to take back."""
    try:
        admin.call(service, 'DELETE', path)
    except ApiError as error:
        if error.status != 404:
            raise
