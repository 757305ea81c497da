# Copyright: the migplan authors
# Apache License 2.0 (see https://www.apache.org/licenses/LICENSE-2.0)
"""What is handed to migplan in its environment. Plain Python: nothing here knows of Ansible."""

# The Project refers to it.
PASSWORD_VARIABLE = "MIGPLAN_VCENTER_PASSWORD"


def environment_of(vcenter_password, cloud, cloud_secrets):
    """Secrets, and a cloud that was given as parameters (else `cloud` is the name of one), as the program reads them."""
    environment = {}
    if vcenter_password:
        environment[PASSWORD_VARIABLE] = vcenter_password
    if isinstance(cloud, dict):
        for fields in (cloud, cloud.get("auth") or {}, cloud_secrets):
            for key, value in fields.items():
                if isinstance(value, bool):
                    environment["OS_%s" % key.upper()] = str(value).lower()
                elif isinstance(value, (str, int)):
                    environment["OS_%s" % key.upper()] = str(value)
    return environment
