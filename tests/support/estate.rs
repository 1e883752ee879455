//! A registry of any size, in the proportions of a real one: for benchmarks and for tests of scale.

use std::fmt::Write;

/// The JSON of a registry of `services` services, about 1.8 kB each: two environments, two targets in production, a
/// project per environment (production's is listed), one or two Google services, a team for every twenty services, and a
/// shared namespace for every hundred.
pub fn registry(services: usize) -> String {
    let teams = services.div_ceil(20);
    let clusters = 20.min(services.div_ceil(50) + 1);
    let mut json = String::with_capacity(services * 2_000 + 10_000);
    json.push_str(r#"{"metadata":{"name":"estate","revision":"4f2c91e","compiledAt":"2026-11-20T10:00:00Z","requires":{"anu":">=0.1.0, <1.0.0"}},"#);
    json.push_str("\"teams\":[");
    list(&mut json, teams, |json, team| {
        let _ = write!(
            json,
            r#"{{"type":"Team","spec":{{"name":"team-{team:04}","email":"team-{team:04}@example.com","slack":"\u0023team-{team:04}"}}}}"#
        );
    });
    json.push_str("],\"clusters\":[");
    list(&mut json, clusters, |json, cluster| {
        let _ = write!(
            json,
            r#"{{"type":"Cluster","spec":{{"name":"compute-{cluster:02}","googleProject":"gc-prd-compute-{cluster:02}","location":"europe-west4"}}}}"#
        );
    });
    json.push_str("],\"projects\":[");
    list(&mut json, services, |json, service| {
        let _ = write!(
            json,
            r#"{{"type":"Project","spec":{{"id":"gc-prd-s{service:05}-prod","name":"service {service:05} production","parent":"folders/1234","labels":{{"tier":"{}"}},"owner":"service-{service:05}"}}}}"#,
            service % 3
        );
    });
    json.push_str("],\"namespaces\":[");
    list(&mut json, services.div_ceil(100), |json, shared| {
        let owner = shared * 100;
        let last = (owner + 4).min(services - 1);
        let sharers: Vec<String> = (owner + 1..=last).map(|service| format!("\"service-{service:05}\"")).collect();
        let _ = write!(
            json,
            r#"{{"type":"Namespace","spec":{{"cluster":"compute-00","name":"shared-{shared:04}","owner":"service-{owner:05}","sharedWith":[{}],"labels":{{"shared":"yes"}},"deletionPolicy":"prevent"}}}}"#,
            sharers.join(",")
        );
    });
    json.push_str("],\"services\":[");
    list(&mut json, services, |json, service| self::service(json, service, teams, clusters));
    json.push_str("]}");
    json
}

const QUOTA: &str = r#","quota":{"requests.cpu":"32","requests.memory":"32Gi","limits.memory":"64Gi","pods":"100"}"#;

fn service(json: &mut String, service: usize, teams: usize, clusters: usize) {
    let (team, other) = (service % teams, (service + 1) % teams);
    let apis = [
        r#""pubsub.googleapis.com""#,
        r#""pubsub.googleapis.com","sqladmin.googleapis.com""#,
        r#""run.googleapis.com","logging.googleapis.com""#,
    ][service % 3];
    let _ = write!(
        json,
        r#"{{"type":"Service","spec":{{"name":"service-{service:05}","repository":"example/service-{service:05}","team":"team-{team:04}","alertsChannel":"service-{service:05}-alerts","description":"The service that does what number {service} is known for, as its owners would put it: with care, in time, and every day of the week.","runbook":"https://runbooks.example.com/services/service-{service:05}/what-to-do-when-it-is-on-fire","dashboards":["https://dashboards.example.com/d/service-{service:05}"],"googleServices":[{apis}],"environments":["#
    );
    for (position, environment) in ["staging", "production"].into_iter().enumerate() {
        let comma = if position > 0 { "," } else { "" };
        let short = if position == 0 { "stag" } else { "prod" };
        let cluster = (service + position) % clusters;
        let _ = write!(
            json,
            r#"{comma}{{"type":"Environment","spec":{{"name":"{environment}","googleProject":"gc-prd-s{service:05}-{short}","rbac":{{"viewers":["team-{other:04}"],"operators":["team-{other:04}",{{"principal":"serviceAccount:deployer@gc-prd-ci.iam.gserviceaccount.com","reason":"continuous delivery"}}],"admins":["team-{team:04}"]}},"targets":[{{"type":"Target","spec":{{"kind":"argo","cluster":"compute-{cluster:02}","namespace":"service-{service:05}-{short}","release":"service-{service:05}"}}}}"#
        );
        if position == 1 && service % 100 < 5 {
            let shared = service / 100;
            let _ = write!(
                json,
                r#",{{"type":"Target","spec":{{"kind":"helm","cluster":"compute-00","namespace":"shared-{shared:04}","release":"service-{service:05}"}}}}"#
            );
        }
        // A sharer's quota would have no effect, and a good registry has no warnings.
        let shares = position == 1 && (1..5).contains(&(service % 100));
        json.push(']');
        json.push_str(if shares { "" } else { QUOTA });
        json.push_str("}}");
    }
    json.push_str("]}}");
}

fn list(json: &mut String, count: usize, mut each: impl FnMut(&mut String, usize)) {
    for position in 0..count {
        if position > 0 {
            json.push(',');
        }
        each(json, position);
    }
}
