from keystone.common.rbac_enforcer.policy import _ENFORCER
from keystone.server.wsgi import initialize_public_application

application = initialize_public_application()
# Rules would be registered by the first request; until it is done, requests in other threads would be refused with 403.
_ENFORCER._enforcer.load_rules()
