"""When a service may be called ready: it answers, its workers report, and each of their queues has a listener.

A worker's report alone is not enough: its row stays "up" for a minute after it was killed, and a request accepted in that minute fails.
"""
from cloudlab.api import ApiError, password_session, wait_for_api
from cloudlab.messaging import has_consumer
from cloudlab.processes import wait_until
from cloudlab.services import DAEMONS
from cloudlab.settings import HOST

BACK_ENDS = ('ceph', 'ceph-old')
QUEUES = {
    'cinder': ('cinder-scheduler', *(f'cinder-volume.{HOST}@{back_end}' for back_end in BACK_ENDS)),
    'neutron': ('q-plugin',),
    'nova': ('conductor', 'scheduler', f'compute.{HOST}'),
}
# Cheap requests that need a login.
PROBES = {'keystone': '/projects', 'cinder': '/types', 'placement': '/resource_providers', 'glance': '/images', 'neutron': '/networks',
          'nova': '/flavors'}
WAIT_SECONDS = 600


def wait_until_answering(settings, secrets, service, daemons):
    """Until an authenticated request is answered. For a while after Keystone was away the services answer 503."""
    wait_for_api(settings.url(service), lambda: daemons.expect_running(DAEMONS[service]))
    admin = password_session(settings, secrets, 'admin', 'admin')
    wait_until(f'{service} to accept logins', WAIT_SECONDS,
               lambda: unless_out_of_order(lambda: admin.call(service, 'GET', PROBES[service]) is not None))


def wait_until_ready(settings, secrets, service):
    admin = password_session(settings, secrets, 'admin', 'admin')
    for queue in QUEUES.get(service, ()):
        wait_until(f'a listener on {queue}', WAIT_SECONDS, lambda queue=queue: has_consumer(settings, queue))
    for what, holds in CHECKS.get(service, ()):
        wait_until(what, WAIT_SECONDS, lambda holds=holds: unless_out_of_order(lambda: holds(admin)))


def unless_out_of_order(request):
    """What the request says; no when the service answers with a server error."""
    try:
        return request()
    except ApiError as error:
        if error.status < 500:
            raise
        return False


def volume_services_report(admin):
    up = {(entry['binary'], entry['host']) for entry in admin.call('cinder', 'GET', '/os-services')['services'] if entry['state'] == 'up'}
    return up >= {('cinder-scheduler', HOST), *(('cinder-volume', f'{HOST}@{back_end}') for back_end in BACK_ENDS)}


def pools_are_known(admin):
    """The scheduler has heard of both pools; before that a new volume ends in error."""
    pools = {pool['name'] for pool in admin.call('cinder', 'GET', '/scheduler-stats/get_pools')['pools']}
    return pools >= {f'{HOST}@{back_end}#{back_end}' for back_end in BACK_ENDS}


def compute_services_report(admin):
    up = {entry['binary'] for entry in admin.call('nova', 'GET', '/os-services')['services'] if entry['state'] == 'up'}
    return up >= {'nova-conductor', 'nova-scheduler', 'nova-compute'}


def hypervisor_is_up(admin):
    return any(entry['state'] == 'up' for entry in admin.call('nova', 'GET', '/os-hypervisors')['hypervisors'])


def agent_is_alive(admin):
    return any(entry['alive'] for entry in admin.call('neutron', 'GET', '/agents')['agents'])


CHECKS = {
    'cinder': (('reports of the volume services', volume_services_report), ('the pools of both back ends', pools_are_known)),
    'neutron': (('the network agent', agent_is_alive),),
    'nova': (('reports of the compute services', compute_services_report), ('the hypervisor', hypervisor_is_up)),
}
