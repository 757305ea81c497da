"""Renders the templates of ../config into STATE/etc."""
import os
import string

from cloudlab.settings import ADDRESS, HOST, PORT_NUMBERS, REGION, write_private

HERE = os.path.dirname(os.path.realpath(__file__))
TEMPLATES = os.path.join(os.path.dirname(HERE), 'config')
DATABASES = ('keystone', 'glance', 'placement', 'cinder', 'nova', 'nova_api', 'nova_cell0', 'neutron')
SERVICES_WITH_URL = ('keystone', 'cinder', 'glance', 'placement', 'nova', 'neutron')
# All of Ceph 16's Python modules of the manager. The always-on ones fail to load, which health then reports and the lab mutes.
CEPH_MODULES = (
    'alerts balancer cephadm cli_api crash dashboard devicehealth diskprediction_local influx insights iostat k8sevents localpool '
    'mds_autoscaler mirroring nfs orchestrator osd_perf_query osd_support pg_autoscaler progress prometheus rbd_support restful '
    'rook selftest snap_schedule stats status telegraf telemetry test_orchestrator volumes zabbix'
)
DIRECTORIES = (
    'run/libvirt', 'log', 'lock', 'mysql', 'rabbitmq', 'ceph/mon', 'ceph/mgr', 'ceph/osd', 'cinder/coordination', 'cinder/conversion',
    'nova/instances', 'neutron', 'glance/images', 'glance/staging', 'glance/tasks', 'libvirt/lib/qemu', 'libvirt/cache',
    'etc/libvirt/qemu/networks/autostart', 'etc/libvirt/qemu/autostart', 'etc/libvirt/nwfilter', 'etc/libvirt/secrets',
    'etc/libvirt/storage/autostart',
)


class ConfigTemplate(string.Template):
    """@{name}, because Ceph uses $name itself."""
    delimiter = '@'


def make_directories(settings):
    for directory in DIRECTORIES:
        os.makedirs(settings.path(directory), exist_ok=True)


def write_configuration(settings, secrets):
    """Writes every configuration file. The same settings give the same bytes, so that unchanged daemons are left running."""
    values = template_values(settings, secrets)
    for directory, _, files in os.walk(TEMPLATES):
        target = settings.path('etc', os.path.relpath(directory, TEMPLATES))
        os.makedirs(target, exist_ok=True)
        for file in files:
            with open(os.path.join(directory, file), encoding='utf-8') as template:
                write_private(os.path.join(target, file), ConfigTemplate(template.read()).substitute(values))


def template_values(settings, secrets):
    login = service_login(settings, secrets)
    filters = 'resource_filters.json' if settings.resource_filters else 'left-out-on-purpose.json'
    return {
        'address': ADDRESS, 'host': HOST, 'region': REGION, 'state': settings.state, 'libvirt_uri': settings.libvirt_uri,
        'fsid': secrets['fsid'], 'secret_uuid': secrets['secretUuid'], 'volume_key': secrets['volumeKey'],
        'osd_bytes': settings.osd_gib * 2**30, 'ceph_modules': CEPH_MODULES, 'pcie_ports': settings.pcie_ports,
        'resource_filters_file': settings.path('etc', 'cinder', filters),
        'transport_url': f'rabbit://guest:guest@{ADDRESS}:{settings.port("rabbit")}/',
        'service_login': login, 'token_check': token_check(settings, login), 'rbd_driver': rbd_driver(settings, secrets),
        **{f'port_{name}': settings.port(name) for name in PORT_NUMBERS},
        **{f'url_{name}': settings.url(name) for name in SERVICES_WITH_URL},
        **{f'database_{name}': database_options(settings, name) for name in DATABASES},
    }


def service_login(settings, secrets):
    return '\n'.join((
        'auth_type = password', f'auth_url = {settings.auth_url}', 'username = svc', f'password = {secrets["password"]}',
        'user_domain_name = Default', 'project_name = service', 'project_domain_name = Default', f'region_name = {REGION}'))


def token_check(settings, login):
    # Tokens are checked anew after two seconds instead of five minutes, so that Keystone's troubles reach the others soon.
    return '\n'.join((
        login, f'www_authenticate_uri = {settings.auth_url}', 'service_token_roles = service', 'service_token_roles_required = true',
        'token_cache_time = 2'))


def rbd_driver(settings, secrets):
    return '\n'.join((
        'volume_driver = cinder.volume.drivers.rbd.RBDDriver', f'rbd_ceph_conf = {settings.ceph_conf}', 'rbd_cluster_name = ceph',
        'rbd_user = cinder', f'rbd_secret_uuid = {secrets["secretUuid"]}', 'report_discard_supported = true'))


def database_url(settings, name):
    # pymysql of Debian 12 knows MariaDB's utf8mb3 only under its old name.
    return f'mysql+pymysql://root@localhost/{name}?unix_socket={settings.path("run", "mysql.sock")}&charset=utf8'


def database_options(settings, name):
    return '\n'.join((f'connection = {database_url(settings, name)}', 'max_pool_size = 5', 'max_overflow = 10'))
