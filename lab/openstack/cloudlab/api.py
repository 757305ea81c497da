"""A thin HTTP client for the lab's own use: one session a user, JSON in and out."""
import json
import time
import urllib.error
import urllib.request

from cloudlab.settings import LabError

# Microversions the lab relies on, sent with every request to that service; from 3.67 on Cinder's paths need no project.
VERSIONS = {'cinder': ('OpenStack-API-Version', 'volume 3.67'), 'nova': ('OpenStack-API-Version', 'compute 2.93')}
API_PATHS = {'keystone': '/v3', 'cinder': '/v3', 'nova': '/v2.1', 'neutron': '/v2.0', 'glance': '/v2', 'placement': ''}
TIMEOUT_SECONDS = 120


class ApiError(LabError):
    """An answer with another status than 2xx; `status` is it, `body` the decoded body."""

    def __init__(self, method, url, status, body):
        super().__init__(f'{method} {url} answered {status}: {json.dumps(body)[:500]}')
        self.status = status
        self.body = body


class Session:
    """A login. `call('cinder', 'GET', '/volumes')` speaks to the base address of that service."""

    def __init__(self, settings, identity, scope=None):
        self.settings = settings
        auth = {'identity': identity, **({'scope': scope} if scope else {})}
        answer, headers = request('POST', f'{settings.auth_url}/auth/tokens', {'auth': auth}, {})
        self.token = headers['X-Subject-Token']
        self.user_id = answer['token']['user']['id']
        self.project_id = answer['token']['project']['id']

    def call(self, service, method, path, body=None):
        headers = {'X-Auth-Token': self.token, **dict([VERSIONS[service]] if service in VERSIONS else [])}
        return request(method, self.base(service) + path, body, headers)[0]

    def base(self, service):
        return self.settings.url(service) + API_PATHS[service]


def password_session(settings, secrets, user, project):
    domain = {'name': 'Default'}
    who = {'name': user, 'domain': domain, 'password': secrets['password']}
    return Session(settings, {'methods': ['password'], 'password': {'user': who}}, {'project': {'name': project, 'domain': domain}})


def credential_session(settings, credential):
    return Session(settings, {'methods': ['application_credential'], 'application_credential': credential})


def request(method, url, body, headers):
    """(decoded body, headers). A body of bytes goes out as it is, anything else as JSON."""
    raw = isinstance(body, bytes)
    data = body if raw or body is None else json.dumps(body).encode()
    kind = {'Content-Type': 'application/octet-stream' if raw else 'application/json', 'Accept': 'application/json'}
    message = urllib.request.Request(url, data, {**kind, **headers}, method=method)
    try:
        with urllib.request.urlopen(message, timeout=TIMEOUT_SECONDS) as answer:
            return decoded(answer.read()), answer.headers
    except urllib.error.HTTPError as error:
        raise ApiError(method, url, error.code, decoded(error.read())) from None
    except OSError as error:
        raise LabError(f'{method} {url}: {error}') from None


def decoded(data):
    try:
        return json.loads(data) if data else {}
    except ValueError:
        return {'text': data.decode(errors='replace')}


def wait_for_api(url, check, seconds=180):
    """Until the service answers anything but a server error. `check` raises when waiting has become pointless."""
    deadline = time.monotonic() + seconds
    while True:
        check()
        try:
            with urllib.request.urlopen(url, timeout=20):
                return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
        except OSError:
            pass
        if time.monotonic() > deadline:
            raise LabError(f'{url} did not answer within {seconds} s')
        time.sleep(0.2)
