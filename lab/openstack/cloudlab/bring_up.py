"""Brings the wanted services up, everything side by side that can be."""
import json
import os
from concurrent.futures import ThreadPoolExecutor

from cloudlab import ceph, database, hypervisor, messaging
from cloudlab.configuration import make_directories, write_configuration
from cloudlab.outputs import write_outputs
from cloudlab.processes import Daemons
from cloudlab.readiness import wait_until_answering, wait_until_ready
from cloudlab.secrets_of_state import load_secrets, write_fernet_keys
from cloudlab.seed import SEEDS
from cloudlab.services import DAEMONS, make_schema, start_daemon, with_needed
from cloudlab.settings import read_json, save_settings, write_private
from cloudlab.stages import Stages

# Making a schema is pure Python work; more at once than there are processors only delays the first one, on which all wait.
SCHEMAS_AT_ONCE = 2
SCHEMA_ORDER = ('keystone', 'neutron', 'cinder', 'nova', 'placement', 'glance')


def bring_up(settings, asked):
    """`asked` are names of services; those that ran before are kept running and healed as well."""
    wanted = with_needed([*asked, *wanted_before(settings)])
    make_directories(settings)
    save_settings(settings)
    write_private(settings.path('services.json'), json.dumps(wanted) + '\n')
    secrets = load_secrets(settings)
    write_fernet_keys(settings)
    write_configuration(settings, secrets)
    daemons = Daemons(settings)
    stages = Stages()
    with ThreadPoolExecutor(max_workers=SCHEMAS_AT_ONCE) as schema_workers:
        add_platform(stages, settings, daemons, secrets, wanted)
        for service in (name for name in SCHEMA_ORDER if name in wanted):
            schema = schema_workers.submit(schema_stage(stages, settings, service))
            stages.add(f'schema of {service}', schema.result)
        for service in wanted:
            add_service(stages, settings, daemons, secrets, service)
        stages.finish()
    write_outputs(settings, secrets)


def wanted_before(settings):
    return read_json(settings.path('services.json'), [])


def add_platform(stages, settings, daemons, secrets, wanted):
    stages.add('mariadb', lambda: database.bring_up(settings, daemons))
    if set(wanted) & {'cinder', 'neutron', 'nova'}:
        stages.add('rabbitmq', lambda: messaging.bring_up(settings, daemons))
    if 'cinder' in wanted:
        stages.add('ceph', lambda: ceph.bring_up(settings, daemons, secrets))
    if 'nova' in wanted:
        stages.add('libvirt', lambda: hypervisor.bring_up(settings, daemons, secrets))


def schema_stage(stages, settings, service):
    def run():
        stages.done['mariadb'].result()
        make_schema(settings, service)
    return run


def add_service(stages, settings, daemons, secrets, service):
    """Three stages: the daemons answer, the content is there, the workers are ready."""
    platform = {'cinder': ('rabbitmq', 'ceph'), 'neutron': ('rabbitmq',), 'nova': ('rabbitmq', 'libvirt')}
    # A daemon that cannot log in at its start gives up for good, so Keystone comes first.
    before = [f'schema of {service}', *platform.get(service, ()), *([] if service == 'keystone' else ['keystone'])]

    def start():
        for name in DAEMONS[service]:
            start_daemon(settings, daemons, name)
        wait_until_answering(settings, secrets, service, daemons)

    stages.add(service, start, before)
    if service in SEEDS:
        stages.add(f'content of {service}', lambda: SEEDS[service](settings, secrets), [service])
    stages.add(f'workers of {service}', lambda: wait_until_ready(settings, secrets, service), [service])


def state_is_there(settings):
    return os.path.exists(settings.path('settings.json'))
