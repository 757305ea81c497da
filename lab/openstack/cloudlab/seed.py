"""What a fresh cloud gets: volume types, flavors, networks, one image, one application credential. Adds only what is missing."""
import json
import os

from cloudlab.api import password_session
from cloudlab.boot_sector import boot_sector
from cloudlab.processes import wait_until
from cloudlab.settings import write_private

IMAGE = 'boot-guest'
# name: (extra specs, public?)
VOLUME_TYPES = {
    'rbd': ({'volume_backend_name': 'ceph'}, True),
    'multiattach': ({'volume_backend_name': 'ceph', 'multiattach': '<is> True'}, True),
    'encrypted': ({'volume_backend_name': 'ceph'}, True),
    'old': ({'volume_backend_name': 'ceph-old'}, False),
}
ENCRYPTION = {'provider': 'luks', 'cipher': 'aes-xts-plain64', 'key_size': 256, 'control_location': 'front-end'}
VOLUME_QUOTA = {'volumes': 1000, 'gigabytes': 100000, 'snapshots': 1000, 'per_volume_gigabytes': -1}
# name: (MiB of memory, processors); no root disk, because every server boots from a volume
FLAVORS = {'m1.nano': (64, 1), 'm1.tiny': (128, 1), 'm1.small': (512, 1), 'm1.medium': (1024, 2)}
# name: (owner, shared?, address range). On its own network a member may choose MAC and address, on a shared one it may not.
NETWORKS = {
    'lab-net': ('admin', True, '192.168.77.0/24'),
    'demo-net': ('demo', False, '192.168.88.0/24'),
    'other-net': ('other', False, '192.168.66.0/24'),
    'old-net': ('old', False, '192.168.99.0/24'),
}


def seed_cinder(settings, secrets):
    admin = password_session(settings, secrets, 'admin', 'admin')
    # The quota class in the database, not cinder.conf, decides what a project without limits of its own may use.
    admin.call('cinder', 'PUT', '/os-quota-class-sets/default', {'quota_class_set': VOLUME_QUOTA})
    types = {entry['name']: entry['id'] for entry in admin.call('cinder', 'GET', '/types?is_public=None')['volume_types']}
    for name, (specs, public) in VOLUME_TYPES.items():
        if name not in types:
            body = {'volume_type': {'name': name, 'extra_specs': specs, 'os-volume-type-access:is_public': public}}
            types[name] = admin.call('cinder', 'POST', '/types', body)['volume_type']['id']
    if not admin.call('cinder', 'GET', f'/types/{types["encrypted"]}/encryption'):
        admin.call('cinder', 'POST', f'/types/{types["encrypted"]}/encryption', {'encryption': ENCRYPTION})
    give_old_cloud(admin, types['old'], password_session(settings, secrets, 'old', 'old').project_id)


def give_old_cloud(admin, volume_type, project):
    """Project old sees its own volume type and gets it when it names none; nobody else does."""
    access = admin.call('cinder', 'GET', f'/types/{volume_type}/os-volume-type-access')['volume_type_access']
    if project not in [entry['project_id'] for entry in access]:
        admin.call('cinder', 'POST', f'/types/{volume_type}/action', {'addProjectAccess': {'project': project}})
    admin.call('cinder', 'PUT', f'/default-types/{project}', {'default_type': {'volume_type': volume_type}})


def seed_nova(settings, secrets):
    admin = password_session(settings, secrets, 'admin', 'admin')
    known = {flavor['name'] for flavor in admin.call('nova', 'GET', '/flavors')['flavors']}
    for name, (memory, processors) in FLAVORS.items():
        if name not in known:
            admin.call('nova', 'POST', '/flavors', {'flavor': {'id': name, 'name': name, 'ram': memory, 'vcpus': processors, 'disk': 0}})


def seed_neutron(settings, secrets):
    for name, (owner, shared, addresses) in NETWORKS.items():
        session = password_session(settings, secrets, owner, owner)
        found = session.call('neutron', 'GET', f'/networks?name={name}')['networks']
        network = found[0] if found else session.call('neutron', 'POST', '/networks', {'network': {
            'name': name, **({'shared': True} if shared else {})}})['network']
        if not network['subnets']:
            session.call('neutron', 'POST', '/subnets', {'subnet': {
                'name': f'{name}-subnet', 'network_id': network['id'], 'ip_version': 4, 'cidr': addresses,
                'enable_dhcp': False, 'gateway_ip': None}})


def seed_glance(settings, secrets):
    admin = password_session(settings, secrets, 'admin', 'admin')
    images = admin.call('glance', 'GET', f'/images?name={IMAGE}')['images']
    if any(image['status'] == 'active' for image in images):
        return
    image = images[0] if images else admin.call('glance', 'POST', '/images', {
        'name': IMAGE, 'visibility': 'public', 'disk_format': 'raw', 'container_format': 'bare', 'min_disk': 1})
    admin.call('glance', 'PUT', f'/images/{image["id"]}/file', boot_sector())
    wait_until('the image', 300, lambda: admin.call('glance', 'GET', f'/images/{image["id"]}')['status'] == 'active')


def seed_keystone(settings, secrets):
    give_reader_old_cloud(password_session(settings, secrets, 'admin', 'admin'))
    make_application_credential(settings, secrets)


def give_reader_old_cloud(admin):
    """User reader may look into project old too; giving a role again changes nothing."""
    user = admin.call('keystone', 'GET', '/users?name=reader')['users'][0]['id']
    role = admin.call('keystone', 'GET', '/roles?name=reader')['roles'][0]['id']
    project = admin.call('keystone', 'GET', '/projects?name=old')['projects'][0]['id']
    admin.call('keystone', 'PUT', f'/projects/{project}/users/{user}/roles/{role}')


def make_application_credential(settings, secrets):
    """Of demo; its secret is shown only once, so the file is all there is."""
    path = settings.path('application-credential.json')
    if os.path.exists(path):
        return
    demo = password_session(settings, secrets, 'demo', 'demo')
    listing = f'/users/{demo.user_id}/application_credentials'
    for forgotten in demo.call('keystone', 'GET', listing)['application_credentials']:
        demo.call('keystone', 'DELETE', f'{listing}/{forgotten["id"]}')
    made = demo.call('keystone', 'POST', listing, {'application_credential': {'name': 'lab'}})['application_credential']
    write_private(path, json.dumps({'id': made['id'], 'secret': made['secret']}) + '\n')


SEEDS = {'keystone': seed_keystone, 'cinder': seed_cinder, 'nova': seed_nova, 'neutron': seed_neutron, 'glance': seed_glance}
