"""Makes or upgrades the database schema of one service. Run as a process of its own: python3 -m cloudlab.schema SERVICE CONFIG.

The manage commands of the services are not installed (they belong to the daemon packages) and slow to start; calling their code does
all the steps of a service in one process.
"""
import sys


def manage(main, program, config, *words):
    """Runs a service's manage command as if it had been typed."""
    sys.argv = [program, '--config-file', config, *words]
    try:
        status = main()
    except SystemExit as end:
        status = end.code
    if status:
        sys.exit(f'{program} {" ".join(words)} failed: {status}')


def glance(config):
    from glance.cmd.manage import main
    manage(main, 'glance-manage', config, 'db_sync')


def placement(config):
    from placement.cmd.manage import main
    manage(main, 'placement-manage', config, 'db', 'sync')


def cinder(config):
    from cinder.cmd.manage import main
    manage(main, 'cinder-manage', config, 'db', 'sync')


def neutron(config):
    from neutron.db.migration.cli import main
    manage(main, 'neutron-db-manage', config, 'upgrade', 'heads')


def nova(config):
    from nova import config as nova_config
    from nova import objects
    from nova.cmd import manage as nova_manage
    objects.register_all()
    nova_config.parse_args(['nova-manage', '--config-file', config])
    expect_zero(nova_manage.ApiDbCommands().sync())
    cell0 = nova_manage.CONF.database.connection.replace('/nova?', '/nova_cell0?')
    nova_manage.CellV2Commands().map_cell0(database_connection=cell0)
    expect_zero(nova_manage.DbCommands().sync())
    context = nova_manage.context.get_admin_context()
    if any(cell.name == 'cell1' for cell in objects.CellMappingList.get_all(context)):
        return
    nova_manage.CellV2Commands().create_cell(name='cell1')
    cell1 = next(cell for cell in objects.CellMappingList.get_all(context) if cell.name == 'cell1')
    # The only compute host is known beforehand. Mapping it now saves waiting for host discovery after it has registered.
    objects.HostMapping(context, host=nova_manage.CONF.host, cell_mapping=cell1).create()


def expect_zero(status):
    if status:
        sys.exit(f'nova-manage failed: {status}')


if __name__ == '__main__':
    {'glance': glance, 'placement': placement, 'cinder': cinder, 'neutron': neutron, 'nova': nova}[sys.argv[1]](sys.argv[2])
