from cinder import policy
from cinder.wsgi.wsgi import initialize_application

application = initialize_application()
# Before the first request, because requests in other threads would meet half of the rules.
policy.init()
