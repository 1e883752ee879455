//! What `TF_LOG_PROVIDER_ANU=debug` shows of a run: one line for each request, and no secret.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};

use super::cancellation::{main, registry};
use super::support::{Core, Workspace};

/// What was requested, how often: method and path without query.
type Requests = Arc<Mutex<BTreeMap<String, usize>>>;

/// A server for a registry, and for a cluster in which there is nothing.
fn serve(listener: TcpListener, requests: &Requests) {
    let registry = registry().to_string();
    let requests = Arc::clone(requests);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let request = lines.next().unwrap_or_default();
            let _headers = lines.by_ref().take_while(|line| !line.is_empty()).count();
            let mut words = request.split(' ');
            let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let path = target.split('?').next().unwrap_or_default();
            *requests.lock().unwrap_or_else(PoisonError::into_inner).entry(format!("{method} {path}")).or_default() +=
                1;
            let body = match path {
                "/registry.json" => registry.as_str(),
                _ => r#"{"apiVersion": "v1", "kind": "List", "metadata": {}, "items": []}"#,
            };
            let length = body.len();
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length:";
            let _ = write!(&stream, "{head} {length}\r\n\r\n{body}");
        }
    });
}

/// The value of a field of a line of core's log.
fn field<'l>(line: &'l str, name: &str) -> &'l str {
    let (_, rest) = line.split_once(&format!(" {name}=")).unwrap_or_else(|| panic!("no `{name}` in {line}"));
    rest.split(' ').next().unwrap_or_default().trim_matches('"')
}

on_one_core! {
    fn has_one_line_for_each_request_and_no_secret(core: &Core) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Requests::default();
        serve(listener, &requests);
        let provider = format!(
            r#"registry {{
            source = "{address}/registry.json?signature=hunter2"
            token  = "hunter3"
          }}
          manage   = ["kubernetes"]
          kubernetes {{ kubeconfig = "kubeconfig" }}"#
        );
        let mut workspace = Workspace::with(core, &main(&provider), &registry());
        workspace.write(
            "kubeconfig",
            &format!(
                "apiVersion: v1\nkind: Config\n\
                 clusters: [{{name: compute, cluster: {{server: '{address}'}}}}]\n\
                 contexts: [{{name: compute, context: {{cluster: compute, user: us}}}}]\n\
                 users: [{{name: us, user: {{token: hunter4}}}}]\n"
            ),
        );
        let log = workspace.path().join("log");
        workspace.set("TF_LOG_PROVIDER", "debug");
        workspace.set("TF_LOG_PROVIDER_ANU", "debug");
        workspace.set("TF_LOG_PATH", &log);
        workspace.plan();

        let log = std::fs::read_to_string(log).expect("a log");
        let lines: Vec<&str> = log.lines().filter(|line| line.contains("request answered")).collect();
        let mut logged = BTreeMap::<String, usize>::new();
        for line in &lines {
            let path = field(line, "tf_http_req_uri").strip_prefix(&address).unwrap_or_else(|| panic!("{line}"));
            let path = path.split('?').next().unwrap_or_default();
            *logged.entry(format!("{} {path}", field(line, "tf_http_req_method"))).or_default() += 1;
            assert_eq!(field(line, "tf_http_res_status_code"), "200", "{line}");
            assert!(field(line, "http_duration_ms").parse::<u64>().is_ok(), "{line}");
        }
        assert_eq!(logged, *requests.lock().unwrap_or_else(PoisonError::into_inner));
        let paths: Vec<&String> = logged.keys().collect();
        assert_eq!(paths, [
            "GET /api/v1/namespaces",
            "GET /api/v1/resourcequotas",
            "GET /apis/rbac.authorization.k8s.io/v1/rolebindings",
            "GET /registry.json",
        ]);
        assert!(!log.contains("hunter"), "a secret is in the log:\n{log}");
    }
}
