"""Passwords, keys and identifiers that are made once for a state directory."""
import base64
import json
import os
import secrets
import struct
import time
import uuid

from cloudlab.settings import read_json, write_private

CEPH_ENTITIES = ('mon.', 'client.admin', 'client.cinder', 'mgr.lab', 'osd.0')


def load_secrets(settings):
    """The secrets of this state, made on first use. Keys: password, volumeKey, fsid, secretUuid, osdUuid, ceph {entity: key}."""
    path = settings.path('secrets.json')
    known = read_json(path, None)
    if known is None:
        known = {'password': secrets.token_urlsafe(18), 'volumeKey': secrets.token_hex(32), 'fsid': str(uuid.uuid4()),
                 'secretUuid': str(uuid.uuid4()), 'osdUuid': str(uuid.uuid4()),
                 'ceph': {entity: ceph_key() for entity in CEPH_ENTITIES}}
        write_private(path, json.dumps(known, indent=1) + '\n')
    return known


def ceph_key():
    """A cephx key: little-endian type 1 (AES), creation seconds and nanoseconds, length, 16 bytes; base64."""
    return base64.b64encode(struct.pack('<HIIH', 1, int(time.time()), 0, 16) + os.urandom(16)).decode()


def write_fernet_keys(settings):
    """Keystone wants two keys in each repository: 0 is staged, the highest number is the primary one."""
    for repository in ('fernet', 'credential'):
        directory = settings.path('keystone', repository)
        os.makedirs(directory, mode=0o700, exist_ok=True)
        for number in ('0', '1'):
            path = os.path.join(directory, number)
            if not os.path.exists(path):
                write_private(path, base64.urlsafe_b64encode(os.urandom(32)).decode())
