"""Calls every method of the Google simulator with Google's own Python client.

    PYTHONPATH="$(tests/tools/install google-client)" python3 tests/tools/google-client/drive.py http://127.0.0.1:8089

The client is written independently of anu and of the simulator: what it cannot send, or cannot read, is wrong. It retries
nothing, so each answer is the simulator's own.
"""

import base64
import json
import sys
import urllib.parse
import urllib.request

import httplib2
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

ENDPOINT = sys.argv[1]
FOLDER = "folders/1234"
ACCOUNT = "billingAccounts/000000-AAAAAA-000000"
POLICY_OPTIONS = {"options": {"requestedPolicyVersion": 3}}


def api(name, version):
    options = {"api_endpoint": ENDPOINT}
    return build(name, version, http=httplib2.Http(), static_discovery=True, client_options=options)


manager = api("cloudresourcemanager", "v3")
usage = api("serviceusage", "v1")
billing = api("cloudbilling", "v1")
iam = api("iam", "v1")
credentials = api("iamcredentials", "v1")
tokens = api("sts", "v1")


def refused(request, status, text):
    """The request must be refused with this status and text."""
    try:
        answer = request.execute()
    except HttpError as error:
        assert error.resp.status == status and text in error.reason, (error.resp.status, error.reason)
    else:
        raise AssertionError(f"not refused: {answer}")


def done(operations, operation):
    """Waits for an operation and returns its response, without the type."""
    for _ in range(100):
        if operation.get("done"):
            assert "error" not in operation, operation
            return {key: value for key, value in operation["response"].items() if key != "@type"}
        operation = operations.get(name=operation["name"]).execute()
    raise AssertionError(f"never done: {operation}")


def projects():
    calls = manager.projects()
    run = lambda request: done(manager.operations(), request.execute())
    created = run(calls.create(body={"projectId": "shop-production", "parent": FOLDER, "labels": {"a": "1"}}))
    name = created["name"]
    assert calls.get(name="projects/shop-production").execute() == created == calls.get(name=name).execute()
    refused(calls.create(body={"projectId": "shop-production", "parent": FOLDER}), 409, "already exists")
    refused(calls.create(body={"projectId": "BAD_ID!", "parent": FOLDER}), 400, "project_id")
    refused(calls.get(name="projects/does-not-exist"), 403, "The caller does not have permission")
    patched = run(calls.patch(name=name, updateMask="displayName,labels", body={"displayName": "Shop of example"}))
    assert patched["displayName"] == "Shop of example" and "labels" not in patched, patched
    assert run(calls.move(name=name, body={"destinationParent": "folders/5678"}))["parent"] == "folders/5678"
    assert [it["projectId"] for it in calls.list(parent="folders/5678").execute()["projects"]] == ["shop-production"]
    assert calls.search(query="id:shop-production").execute()["projects"] == [calls.get(name=name).execute()]
    for number in range(3):
        run(calls.create(body={"projectId": f"paged-{number}", "parent": FOLDER}))
    request, pages = calls.list(parent=FOLDER, pageSize=2), []
    while request is not None:
        answer = request.execute()
        pages.append(len(answer["projects"]))
        request = calls.list_next(request, answer)
    assert pages == [2, 1], pages

    liens = manager.liens()
    body = {"parent": name, "restrictions": ["resourcemanager.projects.delete"], "reason": "in use", "origin": "drive.py"}
    lien = liens.create(body=body).execute()
    assert liens.list(parent=name).execute()["liens"] == [lien] == [liens.get(name=lien["name"]).execute()]
    refused(calls.delete(name=name), 400, "A lien to prevent deletion was placed on the project")
    assert liens.delete(name=lien["name"]).execute() == {}

    assert run(calls.delete(name=name))["state"] == "DELETE_REQUESTED"
    refused(calls.create(body={"projectId": "shop-production", "parent": FOLDER}), 409, "already exists")
    assert run(calls.undelete(name=name, body={}))["state"] == "ACTIVE"


def folders():
    calls = manager.folders()
    run = lambda request: done(manager.operations(), request.execute())
    folder = run(calls.create(body={"displayName": "Teams", "parent": FOLDER}))
    name = folder["name"]
    assert calls.get(name=name).execute() == folder
    assert folder in calls.list(parent=FOLDER).execute()["folders"]
    assert calls.search(query="displayName=Teams").execute()["folders"] == [folder]
    assert run(calls.patch(name=name, updateMask="displayName", body={"displayName": "All teams"}))["displayName"] == "All teams"
    assert run(calls.move(name=name, body={"destinationParent": "folders/5678"}))["parent"] == "folders/5678"
    assert run(calls.delete(name=name))["state"] == "DELETE_REQUESTED"


def policies(collection, resource, role, read):
    """Reads a policy, changes it under its etag, and is refused with the old etag."""
    policy = read()
    policy.setdefault("bindings", []).append({"role": role, "members": ["group:Platform@Example.com"]})
    written = collection.setIamPolicy(resource=resource, body={"policy": policy}).execute()
    assert ["group:platform@example.com"] in [binding["members"] for binding in written["bindings"]], written
    assert read() == written
    stale = dict(written, etag="ACAB")
    refused(collection.setIamPolicy(resource=resource, body={"policy": stale}), 409, "concurrent policy changes")
    permissions = ["resourcemanager.projects.get"]
    tested = collection.testIamPermissions(resource=resource, body={"permissions": permissions}).execute()
    assert tested == {"permissions": permissions}


def all_policies():
    for collection, resource in [
        (manager.projects(), "projects/shop-production"),
        (manager.folders(), FOLDER),
        (manager.organizations(), "organizations/100000000001"),
    ]:
        read = lambda: collection.getIamPolicy(resource=resource, body=POLICY_OPTIONS).execute()
        policies(collection, resource, "roles/browser", read)
    accounts = billing.billingAccounts()
    read = lambda: accounts.getIamPolicy(resource=ACCOUNT, options_requestedPolicyVersion=3).execute()
    policies(accounts, ACCOUNT, "roles/billing.user", read)

    calls, resource = manager.projects(), "projects/shop-production"
    policy = calls.getIamPolicy(resource=resource, body=POLICY_OPTIONS).execute()
    condition = {"title": "until 2030", "expression": 'request.time < timestamp("2030-01-01T00:00:00Z")'}
    policy["bindings"].append({"role": "roles/viewer.own", "members": ["user:a@example.com"], "condition": condition})
    refused(calls.setIamPolicy(resource=resource, body={"policy": dict(policy, version=1)}), 400, "version 3")
    written = calls.setIamPolicy(resource=resource, body={"policy": dict(policy, version=3)}).execute()
    assert written["version"] == 3 and condition in [it.get("condition") for it in written["bindings"]], written
    missing = "serviceAccount:nope@shop-production.iam.gserviceaccount.com"
    written["bindings"].append({"role": "roles/browser", "members": [missing]})
    refused(calls.setIamPolicy(resource=resource, body={"policy": written}), 400, "does not exist")


def services():
    calls, project = usage.services(), "projects/shop-production"
    run = lambda request: done(usage.operations(), request.execute())
    name = f"{project}/services/pubsub.googleapis.com"
    assert calls.get(name=name).execute()["state"] == "DISABLED"
    assert run(calls.enable(name=name, body={}))["service"]["state"] == "ENABLED"
    refused(calls.batchEnable(parent=project, body={"serviceIds": ["run.googleapis.com"]}), 400, "Billing must be enabled")
    info = {"billingAccountName": ACCOUNT}
    assert billing.projects().updateBillingInfo(name=project, body=info).execute()["billingEnabled"] is True
    assert billing.projects().getBillingInfo(name=project).execute()["billingAccountName"] == ACCOUNT
    ids = ["run.googleapis.com", "secretmanager.googleapis.com"]
    assert len(run(calls.batchEnable(parent=project, body={"serviceIds": ids}))["services"]) >= 2
    refused(calls.batchEnable(parent=project, body={"serviceIds": [f"a{n}.googleapis.com" for n in range(21)]}), 400, "at most 20")
    names = [f"{project}/services/{service}" for service in ids]
    assert {it["state"] for it in calls.batchGet(parent=project, names=names).execute()["services"]} == {"ENABLED"}
    request, enabled = calls.list(parent=project, filter="state:ENABLED", pageSize=5), set()
    while request is not None:
        answer = request.execute()
        enabled |= {it["config"]["name"] for it in answer["services"]}
        request = calls.list_next(request, answer)
    assert enabled >= {*ids, "pubsub.googleapis.com", "artifactregistry.googleapis.com"}, enabled
    assert run(calls.disable(name=name, body={}))["service"]["state"] == "DISABLED"
    refused(calls.disable(name=name, body={}), 400, "is not enabled")


def billing_accounts():
    calls = billing.billingAccounts()
    account = calls.get(name=ACCOUNT).execute()
    assert account["open"] is True and account in calls.list().execute()["billingAccounts"]
    linked = calls.projects().list(name=ACCOUNT).execute()["projectBillingInfo"]
    assert [it["projectId"] for it in linked] == ["shop-production"]


def service_accounts():
    calls, project = iam.projects().serviceAccounts(), "projects/shop-production"
    body = {"accountId": "web-server", "serviceAccount": {"displayName": "Web"}}
    account = calls.create(name=project, body=body).execute()
    name = account["name"]
    assert account["email"] == "web-server@shop-production.iam.gserviceaccount.com"
    refused(calls.create(name=project, body=body), 409, "already exists within project")
    assert calls.get(name=name).execute() == account == calls.get(name=f"projects/-/serviceAccounts/{account['email']}").execute()
    assert calls.list(name=project).execute()["accounts"] == [account]
    patch = {"serviceAccount": {"description": "serves"}, "updateMask": "description"}
    assert calls.patch(name=name, body=patch).execute()["description"] == "serves"
    read = lambda: calls.getIamPolicy(resource=name, options_requestedPolicyVersion=3).execute()
    policies(calls, name, "roles/iam.workloadIdentityUser", read)
    impersonate = credentials.projects().serviceAccounts().generateAccessToken
    scope = {"scope": ["https://www.googleapis.com/auth/cloud-platform"]}
    assert impersonate(name=name, body=scope).execute()["accessToken"]
    calls.disable(name=name, body={}).execute()
    assert calls.get(name=name).execute()["disabled"] is True
    refused(impersonate(name=name, body=scope), 400, "disabled")
    calls.enable(name=name, body={}).execute()
    calls.delete(name=name).execute()
    refused(calls.get(name=name), 404, "Unknown service account")
    restored = calls.undelete(name=f"{project}/serviceAccounts/{account['uniqueId']}", body={}).execute()
    assert restored["restoredAccount"]["email"] == account["email"]


def jwt(**claims):
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    return f"{part({'alg': 'none'})}.{part(claims)}."


def access_tokens():
    exchanged = tokens.v1().token(
        body={
            "grantType": "urn:ietf:params:oauth:grant-type:token-exchange",
            "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/providers/ci",
            "requestedTokenType": "urn:ietf:params:oauth:token-type:access_token",
            "scope": "https://www.googleapis.com/auth/cloud-platform",
            "subjectToken": jwt(sub="repository"),
            "subjectTokenType": "urn:ietf:params:oauth:token-type:jwt",
        }
    ).execute()
    assert exchanged["access_token"] and exchanged["token_type"] == "Bearer"
    form = {"grant_type": "refresh_token", "refresh_token": "refresh-a@example.com", "client_id": "a", "client_secret": "b"}
    with urllib.request.urlopen(f"{ENDPOINT}/token", urllib.parse.urlencode(form).encode()) as answer:
        assert json.load(answer)["access_token"]

    def metadata(path):
        headers = {"Metadata-Flavor": "Google"}
        with urllib.request.urlopen(urllib.request.Request(f"{ENDPOINT}/computeMetadata/v1/{path}", headers=headers)) as answer:
            return answer.read().decode()

    account = "instance/service-accounts/default"
    assert json.loads(metadata(f"{account}/token"))["token_type"] == "Bearer"
    assert metadata(f"{account}/email").endswith(".iam.gserviceaccount.com")
    assert metadata("universe/universe-domain") == "googleapis.com"


projects()
folders()
all_policies()
services()
billing_accounts()
service_accounts()
access_tokens()
