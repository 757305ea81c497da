"""The files by which others use the cloud: clouds.yaml, endpoints.json."""
import json

from cloudlab.settings import REGION, read_json, write_private

# entry of clouds.yaml: user and project
ENTRIES = {'lab': ('demo', 'demo'), 'lab-reader': ('reader', 'demo'), 'lab-other': ('other', 'other'), 'lab-old': ('old', 'old'),
           'lab-old-reader': ('reader', 'old'), 'lab-admin': ('admin', 'admin')}


def write_outputs(settings, secrets):
    """Both files are for their owner only; clouds.yaml holds passwords."""
    write_private(settings.path('clouds.yaml'), clouds_yaml(settings, secrets))
    write_private(settings.path('endpoints.json'), json.dumps({
        'authUrl': settings.auth_url,
        'cephConf': settings.ceph_conf,
        'cephUser': 'cinder',
        'libvirtUri': settings.libvirt_uri,
        'clientPorts': settings.client_ports,
        'state': settings.state,
    }, indent=2) + '\n')


def clouds_yaml(settings, secrets):
    """YAML by way of JSON, which it contains: quoting is then nobody's concern."""
    clouds = {entry: password_cloud(settings, secrets, user, project) for entry, (user, project) in ENTRIES.items()}
    credential = read_json(settings.path('application-credential.json'), None)
    if credential:
        clouds['lab-appcred'] = {**common(settings), 'auth_type': 'v3applicationcredential', 'auth': {
            'auth_url': settings.auth_url, 'application_credential_id': credential['id'],
            'application_credential_secret': credential['secret']}}
    return 'clouds:\n' + ''.join(f'  {name}: {json.dumps(cloud)}\n' for name, cloud in clouds.items())


def password_cloud(settings, secrets, user, project):
    return {**common(settings), 'auth': {
        'auth_url': settings.auth_url, 'username': user, 'password': secrets['password'], 'project_name': project,
        'user_domain_name': 'Default', 'project_domain_name': 'Default'}}


def common(settings):
    return {'region_name': REGION, 'interface': 'public', 'identity_api_version': 3}
