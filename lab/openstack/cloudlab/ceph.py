"""Ceph: one monitor, one manager, one OSD on a sparse file, and the two pools of Cinder."""
import json
import os
import subprocess
from contextlib import contextmanager

from cloudlab.processes import wait_until
from cloudlab.settings import ADDRESS, LabError, write_private

POOLS = ('volumes', 'volumes-old')
CAPABILITIES = {
    'mon.': {'mon': 'allow *'},
    'client.admin': {'mon': 'allow *', 'osd': 'allow *', 'mgr': 'allow *', 'mds': 'allow *'},
    'client.cinder': {'mon': 'profile rbd', 'osd': 'profile rbd', 'mgr': 'profile rbd'},
    'mgr.lab': {'mon': 'allow profile mgr', 'osd': 'allow *', 'mds': 'allow *'},
    'osd.0': {'mon': 'allow profile osd', 'osd': 'allow *', 'mgr': 'allow profile osd'},
}
PLACEMENT_GROUPS = 8


def bring_up(settings, daemons, secrets):
    """Ends when both pools exist and the manager reports their size, on which Cinder's driver depends."""
    environment = {'CEPH_CONF': settings.ceph_conf}
    write_keyrings(settings, secrets['ceph'])
    make_monitor(settings, secrets)
    daemons.start('ceph-mon', ['ceph-mon', '-f', '-i', 'lab'], environment, files=[settings.ceph_conf])
    with connection(settings) as cluster:
        make_osd(settings, secrets, cluster)
        daemons.start('ceph-osd', ['ceph-osd', '-f', '-i', '0'], environment, files=[settings.ceph_conf])
        daemons.start('ceph-mgr', ['ceph-mgr', '-f', '-i', 'lab'], environment, files=[settings.ceph_conf])
        make_pools(settings, cluster)
        wait_until('the pools of Ceph', 300, lambda: set(POOLS) <= pools_with_statistics(cluster))


def write_keyrings(settings, keys):
    for entity in ('client.admin', 'client.cinder'):
        write_private(settings.path('etc', 'ceph', f'{entity}.keyring'), keyring(entity, keys))
    write_private(settings.path('ceph', 'mgr', 'keyring'), keyring('mgr.lab', keys))
    write_private(settings.path('ceph', 'osd', 'keyring'), keyring('osd.0', keys))


def keyring(entity, keys, with_capabilities=False):
    capabilities = CAPABILITIES[entity] if with_capabilities else {}
    return ''.join((f'[{entity}]\n', f'\tkey = {keys[entity]}\n', *(f'\tcaps {who} = "{what}"\n' for who, what in capabilities.items())))


def make_monitor(settings, secrets):
    directory = settings.path('ceph', 'mon')
    if os.path.exists(os.path.join(directory, 'keyring')):
        return
    everyone = settings.path('ceph', 'first.keyring')
    monitors = settings.path('ceph', 'monmap')
    write_private(everyone, ''.join(keyring(entity, secrets['ceph'], True) for entity in CAPABILITIES))
    where = f'[v2:{ADDRESS}:{settings.port("ceph_mon_v2")},v1:{ADDRESS}:{settings.port("ceph_mon_v1")}]'
    run(settings, ['monmaptool', '--create', '--clobber', '--fsid', secrets['fsid'], '--addv', 'lab', where, monitors])
    run(settings, ['ceph-mon', '--mkfs', '-i', 'lab', '--monmap', monitors, '--keyring', everyone])
    os.unlink(everyone)
    write_private(os.path.join(directory, 'keyring'), keyring('mon.', secrets['ceph'], True))


def make_osd(settings, secrets, cluster):
    marker = settings.path('ceph', 'osd-made')
    if os.path.exists(marker):
        return
    if not os.path.exists(settings.path('ceph', 'osd', 'whoami')):
        # Without --no-mon-config it would ask the monitor for settings, with a key that the monitor does not know yet.
        run(settings, ['ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', secrets['osdUuid'], '--no-mon-config'])
    command(cluster, {'prefix': 'osd new', 'uuid': secrets['osdUuid'], 'id': 0}, json.dumps({'cephx_secret': secrets['ceph']['osd.0']}))
    for prefix, ratio in (('osd set-full-ratio', 0.97), ('osd set-backfillfull-ratio', 0.96), ('osd set-nearfull-ratio', 0.95)):
        command(cluster, {'prefix': prefix, 'ratio': ratio})
    write_private(marker, '')


def make_pools(settings, cluster):
    marker = settings.path('ceph', 'pools-made')
    if os.path.exists(marker):
        return
    import rbd  # Debian's binding, installed by now
    for pool in POOLS:
        command(cluster, {'prefix': 'osd pool create', 'pool': pool, 'pg_num': PLACEMENT_GROUPS, 'pgp_num': PLACEMENT_GROUPS})
        command(cluster, {'prefix': 'osd pool application enable', 'pool': pool, 'app': 'rbd'})
        with cluster.open_ioctx(pool) as context:
            rbd.RBD().pool_init(context, True)
    for warning in ('MGR_MODULE_ERROR', 'MGR_MODULE_DEPENDENCY'):
        command(cluster, {'prefix': 'health mute', 'code': warning, 'sticky': True})
    write_private(marker, '')


def pools_with_statistics(cluster):
    return {pool['name'] for pool in json.loads(command(cluster, {'prefix': 'df', 'format': 'json'}))['pools']}


@contextmanager
def connection(settings):
    import rados  # Debian's binding, installed by now
    cluster = rados.Rados(conffile=settings.ceph_conf, name='client.admin')
    try:
        cluster.connect(timeout=30)
        yield cluster
    except rados.Error as error:
        raise LabError(f'ceph: {error}, see {settings.path("log")}/ceph-*.log') from error
    finally:
        cluster.shutdown()


def command(cluster, words, data=''):
    status, answer, explanation = cluster.mon_command(json.dumps(words), data.encode())
    if status:
        raise LabError(f'ceph {words["prefix"]}: {explanation} ({status})')
    return answer


def run(settings, words):
    with open(settings.path('log', 'ceph-setup.log'), 'ab') as log:
        result = subprocess.run(words, env={**os.environ, 'CEPH_CONF': settings.ceph_conf}, stdout=log, stderr=log, check=False)
    if result.returncode:
        raise LabError(f'{words[0]} failed, see {log.name}')


def image_names(cluster, pool):
    """RBD images of a pool, those in its trash included."""
    import rbd  # Debian's binding, installed by now
    with cluster.open_ioctx(pool) as context:
        return sorted([*rbd.RBD().list(context), *(f'trash:{entry["name"]}' for entry in rbd.RBD().trash_list(context))])
