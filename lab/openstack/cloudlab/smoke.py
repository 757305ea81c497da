"""One volume from creation to a booted server and back to nothing, and a look at each of the lab's specialities."""
import json
import re
import urllib.parse
from contextlib import ExitStack, contextmanager

from cloudlab import ceph, hypervisor
from cloudlab.api import ApiError, credential_session, password_session, request
from cloudlab.boot_sector import LINE, boot_sector
from cloudlab.processes import wait_until
from cloudlab.rbd_writer import write_image
from cloudlab.services import ALL
from cloudlab.settings import LabError, read_json, say

NAME = 'lab-smoke'
MACHINES = {'pc': 'pc-i440fx-', 'q35': 'pc-q35-'}
MAC, IP = '00:50:56:ab:cd:01', '192.168.88.77'


def smoke(settings, secrets, services):
    """Raises LabError at the first thing that is not as it should be; removes what it made either way."""
    if set(services) != set(ALL):
        raise LabError(f'the smoke test needs all services, and only {" ".join(services)} run')
    admin, demo, old = (password_session(settings, secrets, user, user) for user in ('admin', 'demo', 'old'))
    before = inventory(settings, admin)
    with ExitStack() as made:
        volume = create_volume(made, demo, 'rbd')
        write_guest(settings, demo, volume)
        for machine in MACHINES:
            boot(settings, demo, volume, machine)
        check_filter(settings, demo, volume)
        check_encrypted(create_volume(made, demo, 'encrypted'))
        check_old_cloud(settings, create_volume(made, old, None))
    credential_session(settings, read_json(settings.path('application-credential.json'), None)).call('cinder', 'GET', '/volumes')
    say('the application credential lists volumes')
    wait_until('everything made to be gone', 60, lambda: inventory(settings, admin) == before)
    say('smoke test passed, nothing left behind')
    return 0


def inventory(settings, admin):
    """All that a smoke test could leave, in the services and underneath."""
    with ceph.connection(settings) as cluster:
        images = {pool: ceph.image_names(cluster, pool) for pool in ceph.POOLS}
    return {
        'volumes': ids(admin.call('cinder', 'GET', '/volumes?all_tenants=1')['volumes']),
        'attachments': ids(admin.call('cinder', 'GET', '/attachments?all_tenants=1')['attachments']),
        'servers': ids(admin.call('nova', 'GET', '/servers?all_tenants=1')['servers']),
        'ports': ids(admin.call('neutron', 'GET', '/ports')['ports']),
        'guests': sorted(hypervisor.guests(settings)), 'images': images,
    }


def ids(entries):
    return sorted(entry['id'] for entry in entries)


def create_volume(made, session, volume_type):
    kind = {'volume_type': volume_type} if volume_type else {}
    body = {'size': 1, 'name': NAME, 'metadata': {'lab': volume_type or 'none'}, **kind}
    volume = session.call('cinder', 'POST', '/volumes', {'volume': body})['volume']
    made.callback(session.call, 'cinder', 'DELETE', f'/volumes/{volume["id"]}')
    wait_for_volume(session, volume['id'], 'available')
    say(f'volume of type {volume_type or "(default)"} is available')
    return session.call('cinder', 'GET', f'/volumes/{volume["id"]}')['volume']


def wait_for_volume(session, identifier, status):
    wait_for_status(f'volume {identifier}', status, lambda: session.call('cinder', 'GET', f'/volumes/{identifier}')['volume']['status'])


def wait_for_status(what, wanted, read):
    def reached():
        status = read()
        if status.lower().startswith('error'):
            raise LabError(f'{what} is in {status}')
        return status == wanted
    wait_until(f'{what} to be {wanted}', 120, reached)


def write_guest(settings, session, volume):
    """Writes the guest the way a migration does: attached in Cinder, over NBD, and nobody else may touch the volume meanwhile."""
    with attachment(session, volume['id']) as connection:
        expect(connection['driver_volume_type'] == 'rbd', f'unexpected connection {connection}')
        expect_refused(400, lambda: session.call('cinder', 'DELETE', f'/volumes/{volume["id"]}'))
        write_image(settings, connection['name'], boot_sector())
    wait_for_volume(session, volume['id'], 'available')
    say('guest written through qemu-storage-daemon and nbdcopy')


@contextmanager
def attachment(session, volume):
    """connection_info of an attachment without a server, completed and in the end removed."""
    body = {'volume_uuid': volume, 'connector': {'host': NAME}}
    entry = session.call('cinder', 'POST', '/attachments', {'attachment': body})['attachment']
    try:
        session.call('cinder', 'POST', f'/attachments/{entry["id"]}/action', {'os-complete': None})
        wait_for_volume(session, volume, 'in-use')
        yield entry['connection_info']
    finally:
        session.call('cinder', 'DELETE', f'/attachments/{entry["id"]}')


def boot(settings, session, volume, machine):
    action = f'/volumes/{volume["id"]}/action'
    session.call('cinder', 'POST', action, {'os-set_bootable': {'bootable': True}})
    session.call('cinder', 'POST', action, {'os-set_image_metadata': {'metadata': {'hw_machine_type': machine}}})
    with ExitStack() as made:
        port = create_port(made, session)
        server = create_server(made, session, volume, port)
        wait_until('the line on the console', 60, lambda: LINE in session.call(
            'nova', 'POST', f'/servers/{server}/action', {'os-getConsoleOutput': {}})['output'])
        domain = hypervisor.domain_xml(settings, server)
        found = re.search(r"<type [^>]*machine='([^']*)'", domain).group(1)
        expect(found.startswith(MACHINES[machine]), f'asked for {machine}, libvirt has {found}')
        expect(MAC in domain, f'{MAC} is not in the domain')
    wait_for_volume(session, volume['id'], 'available')
    say(f'booted as {machine} ({found}): {LINE}')


def create_port(made, session):
    network = session.call('neutron', 'GET', '/networks?name=demo-net')['networks'][0]
    port = session.call('neutron', 'POST', '/ports', {'port': {
        'name': NAME, 'network_id': network['id'], 'mac_address': MAC,
        'fixed_ips': [{'subnet_id': network['subnets'][0], 'ip_address': IP}]}})['port']
    made.callback(session.call, 'neutron', 'DELETE', f'/ports/{port["id"]}')
    return port['id']


def create_server(made, session, volume, port):
    server = session.call('nova', 'POST', '/servers', {'server': {
        'name': NAME, 'flavorRef': 'm1.nano', 'networks': [{'port': port}],
        'block_device_mapping_v2': [{'uuid': volume['id'], 'source_type': 'volume', 'destination_type': 'volume', 'boot_index': 0,
                                     'delete_on_termination': False}]}})['server']['id']
    made.callback(delete_server, session, server)
    wait_for_status(f'server {server}', 'ACTIVE', lambda: session.call('nova', 'GET', f'/servers/{server}')['server']['status'])
    return server


def delete_server(session, server):
    session.call('nova', 'DELETE', f'/servers/{server}')
    wait_until('the server to be gone', 60, lambda: is_refused(404, lambda: session.call('nova', 'GET', f'/servers/{server}')))


def check_filter(settings, session, volume):
    """Without its list of filters Cinder ignores the filter of a member before 3.31, and refuses it from then on."""
    if settings.resource_filters:
        for version in ('3.27', '3.67'):
            expect(found_by(session, volume, 'rbd', version), 'the filter hides a matching volume')
            expect(not found_by(session, volume, 'nothing', version), 'the filter lets other volumes through')
        say('metadata filter works')
    else:
        expect(found_by(session, volume, 'nothing', '3.27'), 'the filter works although its list was left out')
        expect_refused(400, lambda: found_by(session, volume, 'nothing', '3.67'))
        say('metadata filter is ignored, or refused from 3.31 on, as asked')


def found_by(session, volume, value, version):
    query = urllib.parse.quote(json.dumps({'lab': value}))
    url = f'{session.settings.url("cinder")}/v3/{session.project_id}/volumes?metadata={query}'
    headers = {'X-Auth-Token': session.token, 'OpenStack-API-Version': f'volume {version}'}
    return volume['id'] in ids(request('GET', url, None, headers)[0]['volumes'])


def check_encrypted(volume):
    expect(volume['encrypted'] is True, 'a volume of type encrypted is not marked so')
    say('encrypted volume is marked so')


def check_old_cloud(settings, volume):
    expect(volume['volume_type'] == 'old', f'project old got volume type {volume["volume_type"]}')
    with ceph.connection(settings) as cluster:
        expect(f'volume-{volume["id"]}' in ceph.image_names(cluster, 'volumes-old'), 'its image is not in the pool of the old cloud')
    say('project old has its volumes in volumes-old')


def expect(holds, otherwise):
    if not holds:
        raise LabError(otherwise)


def expect_refused(status, attempt):
    expect(is_refused(status, attempt), f'expected to be refused with {status}')


def is_refused(status, attempt):
    try:
        attempt()
    except ApiError as error:
        if error.status == status:
            return True
        raise
    return False
