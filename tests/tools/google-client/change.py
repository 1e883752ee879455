"""Changes a project in every way in which others may change it, with Google's own Python client.

    PYTHONPATH="$(tests/tools/install google-client)" python3 tests/tools/google-client/change.py ADDRESS PROJECT
"""

import sys

import httplib2
from googleapiclient.discovery import build

ADDRESS, PROJECT = sys.argv[1:]
NAME = f"projects/{PROJECT}"


def api(name, version):
    options = {"api_endpoint": ADDRESS}
    return build(name, version, http=httplib2.Http(), static_discovery=True, client_options=options)


def done(operations, operation):
    for _ in range(100):
        if operation.get("done"):
            assert "error" not in operation, operation
            return
        operation = operations.get(name=operation["name"]).execute()
    raise AssertionError(f"never done: {operation}")


manager = api("cloudresourcemanager", "v3")
usage = api("serviceusage", "v1")
projects = manager.projects()

labels = projects.get(name=NAME).execute()["labels"] | {"tier": "9", "theirs": "1"}
body = {"displayName": "changed by others", "labels": labels}
done(manager.operations(), projects.patch(name=NAME, updateMask="displayName,labels", body=body).execute())
done(manager.operations(), projects.move(name=NAME, body={"destinationParent": "folders/5678"}).execute())

account = {"billingAccountName": "billingAccounts/000000-BBBBBB-000000"}
api("cloudbilling", "v1").projects().updateBillingInfo(name=NAME, body=account).execute()

disabled = usage.services().disable(name=f"{NAME}/services/pubsub.googleapis.com", body={}).execute()
done(usage.operations(), disabled)

policy = projects.getIamPolicy(resource=NAME, body={"options": {"requestedPolicyVersion": 3}}).execute()
for binding in policy["bindings"]:
    if binding["role"] == "roles/cloudsql.admin":
        binding["members"] = ["user:ada@example.com"]
projects.setIamPolicy(resource=NAME, body={"policy": policy}).execute()
