"""Keystone's schema, projects, users, roles and catalog. Run as a process of its own: python3 -m cloudlab.identity CONFIG.

The settings and the password come from the state directory, never from the command line. Everything goes through Keystone's
own managers in this process, without HTTP: some forty requests would cost more time than the schema.
"""
import sys
import uuid

from cloudlab.secrets_of_state import load_secrets
from cloudlab.settings import REGION, load_settings

# user: (project, roles). The service role lets Nova's requests pass as Nova's.
USERS = {
    'svc': ('service', ('admin', 'service')),
    'demo': ('demo', ('member',)),
    'reader': ('demo', ('reader',)),
    'other': ('other', ('member',)),
    'old': ('old', ('member',)),
}
# service type: (name, service whose port it is, path)
CATALOG = {
    'volumev3': ('cinderv3', 'cinder', '/v3/$(project_id)s'),
    'block-storage': ('cinder', 'cinder', '/v3/$(project_id)s'),
    'image': ('glance', 'glance', ''),
    'placement': ('placement', 'placement', ''),
    'compute': ('nova', 'nova', '/v2.1'),
    'network': ('neutron', 'neutron', ''),
}
INTERFACES = ('public', 'internal', 'admin')


def bootstrap(config, settings, password):
    from keystone.cmd import cli
    cli.main(['keystone-manage', '--config-file', config, 'db_sync'])
    cli.CONF.clear()
    cli.CONF(args=['--config-file', config, 'bootstrap', '--bootstrap-password', password, '--bootstrap-region-id', REGION,
                   *(word for interface in INTERFACES for word in (f'--bootstrap-{interface}-url', settings.auth_url))])
    cli.CONF.command.cmd_class.main()


class Content:
    """What is in Keystone, added to when something is missing."""

    def __init__(self, settings, password):
        from keystone import exception
        from keystone.common import provider_api
        self.missing = (exception.ProjectNotFound, exception.UserNotFound)
        self.conflict = exception.Conflict
        self.managers = provider_api.ProviderAPIs
        self.settings = settings
        self.password = password

    def ensure_role(self, name):
        known = {role['name']: role['id'] for role in self.managers.role_api.list_roles()}
        if name not in known:
            known[name] = new_id()
            self.managers.role_api.create_role(known[name], {'id': known[name], 'name': name})
        return known[name]

    def ensure_project(self, name):
        try:
            return self.managers.resource_api.get_project_by_name(name, 'default')['id']
        except self.missing:
            project = {'id': new_id(), 'name': name, 'domain_id': 'default', 'enabled': True, 'description': ''}
            self.managers.resource_api.create_project(project['id'], project)
            return project['id']

    def ensure_user(self, name, project, roles):
        try:
            user = self.managers.identity_api.get_user_by_name(name, 'default')['id']
        except self.missing:
            user = self.managers.identity_api.create_user(
                {'name': name, 'domain_id': 'default', 'enabled': True, 'password': self.password, 'default_project_id': project})['id']
        for role in roles:
            try:
                self.managers.assignment_api.add_role_to_user_and_project(user_id=user, project_id=project, role_id=self.ensure_role(role))
            except self.conflict:
                pass

    def ensure_catalog(self):
        known = {service['type'] for service in self.managers.catalog_api.list_services()}
        for kind, (name, port_of, path) in CATALOG.items():
            if kind in known:
                continue
            service = new_id()
            self.managers.catalog_api.create_service(service, {'id': service, 'type': kind, 'name': name, 'enabled': True})
            for interface in INTERFACES:
                endpoint = new_id()
                self.managers.catalog_api.create_endpoint(endpoint, {
                    'id': endpoint, 'interface': interface, 'url': self.settings.url(port_of) + path, 'service_id': service,
                    'enabled': True, 'region_id': REGION})


def new_id():
    return uuid.uuid4().hex


def main(config):
    settings = load_settings()
    password = load_secrets(settings)['password']
    bootstrap(config, settings, password)
    content = Content(settings, password)
    for user, (project, roles) in USERS.items():
        content.ensure_user(user, content.ensure_project(project), roles)
    content.ensure_catalog()


if __name__ == '__main__':
    main(sys.argv[1])
