"""MariaDB on a unix socket inside the state directory, tuned for data that may be lost."""
import os
import subprocess

from cloudlab.configuration import DATABASES
from cloudlab.processes import wait_until
from cloudlab.settings import LabError

OPTIONS = (
    '--skip-networking', '--skip-log-bin', '--skip-name-resolve', '--character-set-server=utf8mb3',
    '--collation-server=utf8mb3_general_ci', '--innodb-flush-log-at-trx-commit=0', '--innodb-flush-method=nosync',
    '--skip-innodb-doublewrite', '--innodb-buffer-pool-size=128M', '--innodb-log-file-size=48M', '--performance-schema=OFF',
    '--max-connections=400', '--table-open-cache=800',
)


def bring_up(settings, daemons):
    """Ends when every service's (empty or filled) database exists."""
    data = settings.path('mysql')
    if not os.path.isdir(os.path.join(data, 'mysql')):
        install(settings, data)
    daemons.start('mariadb', ['mariadbd', '--no-defaults', '--user=root', f'--datadir={data}', f'--socket={socket(settings)}',
                              f'--pid-file={settings.path("run", "mariadb.pid")}', *OPTIONS])
    wait_until('MariaDB', 600, lambda: query(settings, 'select 1') is not None)
    if query(settings, ' '.join(f'create database if not exists {name};' for name in DATABASES)) is None:
        raise LabError('MariaDB did not create the databases')


def install(settings, data):
    with open(settings.path('log', 'mariadb-install.log'), 'ab') as log:
        result = subprocess.run(['mariadb-install-db', '--no-defaults', '--user=root', f'--datadir={data}', '--skip-test-db',
                                 '--auth-root-authentication-method=normal'], stdout=log, stderr=log, check=False)
    if result.returncode:
        raise LabError(f'mariadb-install-db failed, see {log.name}')


def query(settings, statement):
    """Rows as lists of text, or None when the server does not answer."""
    result = subprocess.run(['mariadb', '--no-defaults', '--user=root', f'--socket={socket(settings)}', '-N', '-B', '-e', statement],
                            capture_output=True, text=True, check=False)
    return None if result.returncode else [line.split('\t') for line in result.stdout.splitlines()]


def socket(settings):
    return settings.path('run', 'mysql.sock')
