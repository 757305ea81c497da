"""RabbitMQ with its port mapper, both on loopback."""
import socket

from cloudlab.processes import wait_until
from cloudlab.settings import ADDRESS

# Two schedulers that do not spin while idle; Erlang's own distribution port on loopback too.
ERLANG_ARGUMENTS = '-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none'


def bring_up(settings, daemons):
    epmd = {'ERL_EPMD_PORT': str(settings.port('epmd')), 'ERL_EPMD_ADDRESS': ADDRESS}
    daemons.start('epmd', ['epmd'], epmd)
    wait_until('the port mapper', 300, lambda: listens(settings.port('epmd')))
    config = settings.path('etc', 'rabbitmq')
    daemons.start('rabbitmq', ['/usr/lib/rabbitmq/bin/rabbitmq-server'], {
        **epmd,
        'HOME': settings.path('rabbitmq'),
        'RABBITMQ_NODENAME': f'migplan-lab-{settings.port_base}@localhost',
        'RABBITMQ_DIST_PORT': str(settings.port('rabbit_distribution')),
        'RABBITMQ_CONF_ENV_FILE': '/dev/null',
        'RABBITMQ_CONFIG_FILE': f'{config}/rabbitmq',
        'RABBITMQ_ENABLED_PLUGINS_FILE': f'{config}/enabled_plugins',
        'RABBITMQ_MNESIA_BASE': settings.path('rabbitmq', 'mnesia'),
        'RABBITMQ_LOG_BASE': settings.path('log'),
        'RABBITMQ_LOGS': '-',
        'RABBITMQ_PID_FILE': settings.path('run', 'rabbitmq.pid'),
        'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS': ERLANG_ARGUMENTS,
    }, files=[f'{config}/rabbitmq.conf'])
    wait_until('RabbitMQ', 600, lambda: listens(settings.port('rabbit')))


def listens(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((ADDRESS, port)) == 0


def has_consumer(settings, queue):
    """Whether somebody listens to an RPC queue now; a message sent to a queue without listeners may be lost."""
    import amqp  # came with the services
    try:
        with amqp.Connection(f'{ADDRESS}:{settings.port("rabbit")}', userid='guest', password='guest', connect_timeout=10) as connection:
            return connection.channel().queue_declare(queue, passive=True).consumer_count > 0
    except (amqp.AMQPError, OSError):
        return False
