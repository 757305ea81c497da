"""Writes bytes to the start of an RBD image from user space: qemu-storage-daemon exports it over NBD, nbdcopy fills it."""
import os
import subprocess
import tempfile
from contextlib import contextmanager

from cloudlab.processes import wait_until
from cloudlab.settings import LabError


def write_image(settings, pool_and_image, data):
    """`pool_and_image` is what Cinder's connection_info calls `name`."""
    with tempfile.TemporaryDirectory(dir=settings.path('run')) as directory:
        source = os.path.join(directory, 'guest')
        with open(source, 'wb') as file:
            file.write(data)
        with exported(settings, pool_and_image, os.path.join(directory, 'nbd')) as address:
            run(['nbdcopy', '--flush', source, address])


@contextmanager
def exported(settings, pool_and_image, socket):
    """The NBD address of a writable export that lasts as long as the block."""
    pool, image = pool_and_image.split('/')
    daemon = subprocess.Popen([
        'qemu-storage-daemon',
        '--blockdev', f'driver=rbd,node-name=volume,pool={pool},image={image},conf={settings.ceph_conf},user=cinder',
        '--nbd-server', f'addr.type=unix,addr.path={socket}',
        '--export', 'type=nbd,id=volume,node-name=volume,name=volume,writable=on',
    ], stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_until('qemu-storage-daemon', 30, lambda: os.path.exists(socket) or daemon.poll() is not None)
        if daemon.poll() is not None:
            raise LabError(f'qemu-storage-daemon ended with {daemon.returncode}')
        yield f'nbd+unix:///volume?socket={socket}'
    finally:
        daemon.terminate()
        daemon.wait(timeout=30)


def run(words):
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    if result.returncode:
        raise LabError(f'{words[0]} failed: {result.stderr.strip()}')
