//! Google is busy, or the connection breaks: at each request of a run.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anu::fanout::resource::Grants;
use anu::platform::google::{Google, GoogleAccess, Settings};
use anu::platform::{Error, PolicyChange, Projects, Result};
use futures_util::future::join_all;
use google_simulator::{Api, Authentication, Fault, Metric, Options, Quotas, Simulator};

use crate::{access, ctx, google, name, ownership, project, settings, unlimited, with_access, with_token};

/// What an apply does with one project.
async fn run(google: &Google) -> Result<()> {
    let id = name("gc-prd-shop");
    let apis = BTreeSet::from([name("pubsub.googleapis.com"), name("run.googleapis.com"), name("dns.googleapis.com")]);
    let mut add = Grants::new();
    add.insert(name("roles/pubsub.viewer"), BTreeSet::from([name("group:one@example.com")]));
    google.read_project(&ctx(), &id).await?;
    google.ensure_project(&ctx(), &id, &project("shop production"), &ownership()).await?;
    google.enable_apis(&ctx(), &id, &apis).await?;
    google.modify_policy(&ctx(), &id, &PolicyChange { add, ..PolicyChange::default() }).await?;
    let state = google.read_project(&ctx(), &id).await?;
    assert!(state.project.is_some_and(|view| view.satisfies(&project("shop production"))));
    assert!(state.apis.is_superset(&apis) && state.grants.contains_key("roles/pubsub.viewer"));
    google.delete_project(&ctx(), &id, &ownership()).await
}

#[tokio::test]
async fn a_fault_at_any_request_is_overcome() {
    let simulator = Simulator::start(unlimited());
    run(&google(&simulator)).await.expect("a run without faults");
    let requests = simulator.exchanges().len();
    assert!(requests > 15, "{requests}");
    type Break = fn(Fault) -> Fault;
    let per_minute: Break =
        |fault| fault.error(403, "Quota exceeded for quota metric 'x' and limit 'x per minute' of service 'y'.");
    let faults: [(&str, Break); 8] = [
        ("429", |fault| fault.status(429)),
        ("500", |fault| fault.status(500)),
        ("502", |fault| fault.status(502)),
        ("504", |fault| fault.status(504)),
        ("error 503", |fault| fault.status(503)),
        ("quota 403", per_minute),
        ("cut before", Fault::cut_before),
        ("cut after", Fault::cut_after),
    ];
    for (kind, (what, broken)) in faults.into_iter().enumerate() {
        // Those that only differ in their number are shown at some requests, the others at each.
        let all = what.contains(' ');
        let runs = (1..=requests).filter(|nth| all || nth % 4 == kind).map(|nth| async move {
            let simulator = Simulator::start(unlimited());
            simulator.fault(broken(Fault::nth(nth)));
            let done = run(&google(&simulator)).await;
            assert_eq!(done, Ok(()), "{what} at request {nth}");
            assert_eq!(simulator.projects(), ["gc-prd-shop"]);
        });
        join_all(runs).await;
    }
}

#[tokio::test]
async fn retry_after_is_obeyed() {
    let simulator = Simulator::start(unlimited());
    simulator.fault(Fault::on("GET", "*").times(1).retry_after(429, 2));
    let began = Instant::now();
    google(&simulator).read_project(&ctx(), &name("gc-prd-shop")).await.expect("read");
    assert!(began.elapsed() >= Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn the_budget_ends_the_retries() {
    let simulator = Simulator::start(unlimited());
    simulator.fault(Fault::on("*", "*").status(503));
    let impatient = GoogleAccess { retry_budget: Duration::from_secs(1), ..access(&simulator.url()) };
    let google = Google::new(&with_access(impatient));
    let error = google.ensure_project(&ctx(), &name("gc-prd-shop"), &project("shop"), &ownership()).await;
    let error = error.expect_err("Google is down").to_string();
    let attempts = error.split(" on ").nth(1).and_then(|text| text.split(' ').next()).unwrap_or_default();
    insta::assert_snapshot!(error.replace(attempts, "N"), @"project `gc-prd-shop`: it cannot be read: Google's Resource Manager API: The service is currently unavailable (UNAVAILABLE) on N attempts");
}

#[tokio::test]
async fn a_server_that_is_not_google_is_named() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let url = format!("http://127.0.0.1:{port}");
    let nowhere = GoogleAccess { retry_budget: Duration::from_secs(1), ..access(&url) };
    let read = Google::new(&with_access(nowhere)).read_project(&ctx(), &name("gc-prd-shop")).await;
    let text = read.expect_err("nothing listens").to_string();
    assert!(text.contains("cannot connect: Connection refused"), "{text}");
}

#[tokio::test]
async fn wrong_settings_and_rejected_tokens_are_explained() {
    let simulator = Simulator::start(Options { authentication: Authentication::Required, ..unlimited() });
    let read = async |settings: Settings| {
        let read = Google::new(&settings).read_project(&ctx(), &name("gc-prd-shop")).await;
        read.expect_err("refused").to_string()
    };
    insta::assert_snapshot!(read(settings("http://example.com")).await, @"project `gc-prd-shop`: it cannot be read: the endpoint of Google's Resource Manager API, `http://example.com`, must begin with `https://`: only an address of this machine may be `http://`");
    insta::assert_snapshot!(read(settings(&simulator.url())).await, @"project `gc-prd-shop`: it cannot be read: authentication required (401): Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential: the access token of the settings is not valid, or has expired: Google's are valid for an hour");
    insta::assert_snapshot!(read(with_token(&simulator, "canary\ntoken")).await, @"project `gc-prd-shop`: it cannot be read: the access token contains a character that no HTTP header may have, such as a line break");
}

/// At Google's quotas, with our bounds: more than may be done at once.
#[tokio::test]
async fn our_bounds_keep_a_run_below_googles_quotas() {
    let simulator = Simulator::start(Options { quotas: Quotas::published(), ..Options::default() });
    let published = anu::platform::google::Quotas::Published(None);
    let google = Google::new(&with_access(GoogleAccess { quotas: published, ..access(&simulator.url()) }));
    let done = join_all((0..14).map(|n| {
        let google = google.clone();
        async move {
            let id = name(&format!("gc-prd-shop-{n}"));
            google.ensure_project(&ctx(), &id, &project("shop production"), &ownership()).await.map(drop)
        }
    }))
    .await;
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    let refused = simulator.exchanges().iter().filter(|exchange| exchange.status == 429).count();
    assert_eq!(refused, 0);
    assert_eq!(simulator.peak(Api::ResourceManager, Metric::Write), 140);
}

#[tokio::test]
async fn a_retry_stops_when_the_run_is_cancelled() {
    let simulator = Simulator::start(unlimited());
    simulator.fault(Fault::on("*", "*").status(503));
    let (google, ctx, id) = (google(&simulator), ctx(), name("gc-prd-shop"));
    let (read, ()) = tokio::join!(google.read_project(&ctx, &id), async {
        while simulator.exchanges().len() < 4 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        ctx.cancel.cancel();
    });
    assert_eq!(read, Err(Error::Cancelled));
}
