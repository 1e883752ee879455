//! One recorded exchange, sent to a simulator that is brought to the state in which it was recorded.

use google_simulator::{Options, Simulator};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http;

/// A line of the recordings.
#[derive(Debug, Deserialize)]
pub struct Recording {
    pub host: String,
    pub method: String,
    pub url: String,
    pub request: Value,
    pub status: u16,
    pub response: Value,
}

/// What placeholders of the recordings are here.
const PLACEHOLDERS: &[(&str, &str)] = &[
    ("organizations/organizations/", "organizations/"), // a mistake of the recorder
    ("${projectId}", PROJECT),
    ("${uniqueId}", "abc123"),
    ("${organizationID}", "100000000001"),
    ("${projectNumber}", "123456789012"),
    ("${folderID}", "1234"),
    ("folders/123451002", "folders/5678"),
    ("billingaccount-abc123", "000000-AAAAAA-000000"),
    ("${billingAccountID}", "000000-AAAAAA-000000"),
];

const PROJECT: &str = "recorded-project";

/// Why a recording is not replayed.
pub fn not_applicable(recording: &Recording) -> Option<&'static str> {
    let Recording { host, method, url, .. } = recording;
    let is = |text: &str| url.contains(text);
    let response = recording.response.to_string();
    let api = host.split('.').next().unwrap_or_default();
    match api {
        "cloudresourcemanager" if is("v1/projects") && !is("IamP") && recording.status == 200 => {
            Some("version 1 of the API: other fields than version 3, which anu uses")
        }
        "cloudresourcemanager" if response.contains("cloudresourcemanager.v1") => {
            Some("an operation of version 1 of the API")
        }
        "cloudresourcemanager" if response.contains("TagKey") => Some("tags: anu has none"),
        "cloudbilling" if method == "POST" && !is(":") => Some("creates a billing account, which anu never does"),
        "iam" if is("/roles") => Some("custom roles: anu reads and writes none"),
        "iam" if is("/keys") => Some("keys of service accounts: anu makes none"),
        "iam" if is("queryTestablePermissions") => Some("anu does not call it"),
        "serviceusage" if is("v1beta1") => Some("version v1beta1 of the API, which anu does not call"),
        _ => None,
    }
}

/// An exchange, recorded or replayed.
#[derive(Debug)]
pub struct Answer {
    /// The API's name of the method.
    pub id: &'static str,
    pub status: u16,
    pub body: Value,
}

/// Sends a recorded request. The recorded answer is returned with the names of this simulator.
pub fn replay(recording: &Recording) -> (Answer, Value) {
    let url = here(&recording.url);
    let url = match recording.status {
        404 => url.replace("000000-AAAAAA-000000", "000000-ABSENT-000000"),
        _ => url,
    };
    let integers = url.contains("enum-encoding");
    let organization =
        if url.contains("organizations/123450002") { "organizations/123450002" } else { "organizations/100000000001" };
    let simulator = Simulator::start(Options {
        integer_enums: integers,
        organization: organization.to_owned(),
        default_services: Vec::new(),
        billing_accounts: vec!["000000-AAAAAA-000000".to_owned()],
        ..Options::default()
    });
    let call = |method: &str, path: &str, body: &Value| {
        http::send(&simulator.url(), "", method, path, body).expect("an answer")
    };
    let (request, response): (Value, Value) = (parse(&recording.request), parse(&recording.response));

    // Version 1 of Resource Manager has the same policies as version 3.
    let version_1 = recording.host.starts_with("cloudresourcemanager") && url.starts_with("v1/");
    let url = if version_1 { url.replacen("v1/", "v3/", 1) } else { url };
    let path = format!("/{}", url.split('?').next().unwrap_or_default());
    let prepared =
        Preparation { simulator: &simulator, path: &path, recording, request: &request, response: &response };
    prepared.projects();
    prepared.billing();
    prepared.accounts();
    prepared.services();
    prepared.folders();

    let mut request = request.clone();
    if path.ends_with("IamPolicy") {
        let read = if path.contains("billingAccounts") { "GET" } else { "POST" };
        let set = path.replace(":getIamPolicy", ":setIamPolicy");
        if path.ends_with(":getIamPolicy") && (!response["version"].is_null() || path.contains("projects/")) {
            let policy = json!({
                "policy": {"bindings": response["bindings"], "auditConfigs": response["auditConfigs"], "version": 3},
                "updateMask": "bindings,etag,auditConfigs",
            });
            assert_eq!(call("POST", &set, &policy).status, 200);
        }
        if !request["policy"]["etag"].is_null() {
            let empty = if read == "GET" { Value::Null } else { json!({}) };
            request["policy"]["etag"] =
                call(read, &path.replace(":setIamPolicy", ":getIamPolicy"), &empty).body["etag"].clone();
        }
    }
    let url = match url.split_once("/operations/") {
        Some((version, rest)) => {
            let name = prepared.operation();
            let query = rest.find('?').map_or("", |at| &rest[at..]);
            format!("{version}/{name}{query}")
        }
        None => url,
    };
    simulator.forget_exchanges();
    let answer = call(&recording.method, &format!("/{}", url.replace('"', "%22")), &request);
    let id = simulator.exchanges()[0].id;
    (Answer { id, status: answer.status, body: answer.body }, response)
}

/// What must be there before a recorded request makes sense.
struct Preparation<'a> {
    simulator: &'a Simulator,
    path: &'a str,
    recording: &'a Recording,
    request: &'a Value,
    response: &'a Value,
}

impl Preparation<'_> {
    /// The project in the path, as the answer describes it; unless the answer is that there is none.
    fn projects(&self) {
        let mut ids = vec![PROJECT.to_owned()];
        ids.extend(
            self.path
                .split_once("projects/")
                .map(|(_, rest)| rest.split(['/', ':']).next().unwrap_or_default().to_owned()),
        );
        ids.retain(|id| id != "-" && self.recording.status != 403);
        ids.dedup();
        for id in ids {
            let labels = self.response["labels"].as_object().into_iter().flatten();
            let labels: Vec<(&str, &str)> =
                labels.map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default())).collect();
            self.simulator.add_project(&id, &labels);
            for (field, set) in [
                ("parent", Simulator::set_parent as fn(&Simulator, &str, &str)),
                ("displayName", Simulator::set_display_name),
            ] {
                if let Some(value) = self.response[field].as_str() {
                    set(self.simulator, &id, value);
                }
            }
            if let Some(account) = self.response["billingAccountName"].as_str() {
                self.simulator.set_billing_account(&id, Some(account));
            }
        }
    }

    /// The service accounts that the path and the policy name.
    fn accounts(&self) {
        let mut emails: Vec<String> = Vec::new();
        let policies = [&self.request["policy"]["bindings"], &self.response["bindings"]];
        let members = policies.iter().flat_map(|bindings| bindings.as_array().into_iter().flatten());
        let members =
            members.flat_map(|binding| binding["members"].as_array().into_iter().flatten()).filter_map(Value::as_str);
        emails.extend(members.filter_map(|member| member.strip_prefix("serviceAccount:")).map(str::to_owned));
        let is_there = matches!(self.recording.status, 200 | 409);
        if let Some((_, name)) = self.path.split_once("/serviceAccounts/").filter(|_| is_there) {
            emails.push(name.split(':').next().unwrap_or_default().to_owned());
        }
        if self.path.ends_with("/serviceAccounts") && self.recording.status == 409 {
            emails.push(format!(
                "{}@{PROJECT}.iam.gserviceaccount.com",
                self.request["accountId"].as_str().unwrap_or_default()
            ));
        }
        let domain = format!("@{PROJECT}.iam.gserviceaccount.com");
        for email in emails.iter().filter(|email| email.ends_with(&domain)) {
            self.simulator.add_service_account(email);
            if self.recording.method == "GET" && self.path.contains("/serviceAccounts/") {
                self.describe(email);
            }
        }
    }

    /// Gives a service account the texts of the answer.
    fn describe(&self, email: &str) {
        let path = format!("/v1/projects/-/serviceAccounts/{email}");
        let texts: serde_json::Map<String, Value> = ["displayName", "description"]
            .iter()
            .filter_map(|field| Some(((*field).to_owned(), self.response.get(field)?.clone())))
            .collect();
        let mask: Vec<String> = texts.keys().cloned().collect();
        let patch = json!({"serviceAccount": texts, "updateMask": mask.join(",")});
        http::send(&self.simulator.url(), "", "PATCH", &path, &patch).expect("an answer");
        if self.response["disabled"] == true {
            http::send(&self.simulator.url(), "", "POST", &format!("{path}:disable"), &json!({})).expect("an answer");
        }
    }

    /// The billing account of the answer.
    fn billing(&self) {
        let account = self.response["billingAccounts"].as_array().map_or(self.response, |accounts| &accounts[0]);
        if let (Some(name), Some(display_name)) = (account["name"].as_str(), account["displayName"].as_str())
            && name.starts_with("billingAccounts/")
        {
            self.simulator.set_billing_name(name, display_name);
        }
    }

    /// The APIs that the answer shows as enabled, or that the request disables.
    fn services(&self) {
        let Some((owner, service)) = self.path.split_once("/services") else { return };
        let project = owner.rsplit('/').next().unwrap_or_default();
        let listed =
            self.response["services"].as_array().into_iter().flatten().filter_map(|service| service["name"].as_str());
        for name in listed.filter_map(|name| name.rsplit('/').next()) {
            self.simulator.enable_service(project, name);
        }
        let service = service.trim_start_matches('/');
        if self.response["state"] == "ENABLED" || service.ends_with(":disable") {
            self.simulator.enable_service(project, service.trim_end_matches(":disable"));
        }
        if service.ends_with(":batchEnable") {
            self.simulator.set_billing_account(project, Some("billingAccounts/000000-AAAAAA-000000"));
        }
    }

    /// The name of the folder that the answer is about.
    fn folders(&self) {
        let folder = if self.response["response"].is_null() { self.response } else { &self.response["response"] };
        let is_created = self.path == "/v3/folders";
        if let (Some(name), Some(display_name)) = (folder["name"].as_str(), folder["displayName"].as_str())
            && name.starts_with("folders/")
            && !is_created
        {
            let path = "/v3/folders/1234";
            http::send(&self.simulator.url(), "", "PATCH", path, &json!({"displayName": display_name}))
                .expect("an answer");
        }
    }

    /// Starts the operation that the answer is about, and returns its name.
    fn operation(&self) -> String {
        let kind =
            self.response["response"]["@type"].as_str().unwrap_or_default().rsplit('.').next().unwrap_or_default();
        let resource = &self.response["response"];
        let project = format!("/v1/projects/{PROJECT}");
        self.simulator.set_billing_account(PROJECT, Some("billingAccounts/000000-AAAAAA-000000"));
        let (path, body) = match kind {
            "Folder" if !self.response["metadata"].is_null() => {
                ("/v3/folders/1234:move".to_owned(), json!({"destinationParent": "folders/5678"}))
            }
            "Folder" => {
                let body = json!({"displayName": resource["displayName"], "parent": resource["parent"]});
                ("/v3/folders".to_owned(), body)
            }
            "Project" => {
                let mut body = json!({});
                for field in ["projectId", "displayName", "labels", "parent"] {
                    body[field] = resource[field].clone();
                }
                ("/v3/projects".to_owned(), body)
            }
            "EnableServiceResponse" => {
                (format!("{project}/services/{}:enable", name_of(&resource["service"])), json!({}))
            }
            "BatchEnableServicesResponse" => {
                let ids: Vec<&str> = resource["services"].as_array().into_iter().flatten().map(name_of).collect();
                (format!("{project}/services:batchEnable"), json!({ "serviceIds": ids }))
            }
            kind => panic!("no request starts an operation with {kind}"),
        };
        let started = http::send(&self.simulator.url(), "", "POST", &path, &body).expect("an answer").body;
        started["name"].as_str().unwrap_or_else(|| panic!("{started}")).to_owned()
    }
}

/// The API of a service, from its name.
fn name_of(service: &Value) -> &str {
    service["name"].as_str().and_then(|name| name.rsplit('/').next()).unwrap_or_default()
}

/// A text of the recordings with the names of this simulator.
fn here(text: &str) -> String {
    PLACEHOLDERS.iter().fold(text.to_owned(), |text, (placeholder, name)| text.replace(placeholder, name))
}

fn parse(recorded: &Value) -> Value {
    serde_json::from_str(&here(&recorded.to_string())).expect("names are plain text")
}
