//! Which requests take a proxy: kubectl is the referee. For each combination of variables, `proxy-url` and address, kubectl, a registry in a
//! ConfigMap of the cluster and a registry on a web server of that address are read, and a listener says what reached the proxy. Everything is on
//! this machine: addresses are `0.0.0.0`, which no rule takes for loopback, and names below `localhost`.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::support::tool;

/// Combinations that are tried.
const LEAST: usize = 50;
/// A name that no server has.
const NAME: &str = "api.corp.localhost";

/// One combination. In its texts `{P}` is the proxy's port and `{D}` that of the address.
#[derive(Debug, Clone)]
struct Case {
    variables: Vec<(&'static str, &'static str)>,
    host: &'static str,
    proxy_url: Option<&'static str>,
}

fn cases() -> Vec<Case> {
    let case = |variables: &[(&'static str, &'static str)], host| Case {
        variables: variables.to_vec(),
        host,
        proxy_url: None,
    };
    let mut all = Vec::new();
    // How a proxy is written, and under which name.
    for proxy in [
        "http://127.0.0.1:{P}",
        "127.0.0.1:{P}",
        "localhost:{P}",
        "socks5://127.0.0.1:{P}",
        "socks5h://127.0.0.1:{P}",
        "https://127.0.0.1:{P}",
    ] {
        all.push(case(&[("HTTPS_PROXY", proxy)], NAME));
    }
    for variables in [
        &[("https_proxy", "http://127.0.0.1:{P}")][..],
        &[("HTTPS_PROXY", ""), ("https_proxy", "127.0.0.1:{P}")],
        &[("HTTPS_PROXY", "127.0.0.1:{P}"), ("https_proxy", "127.0.0.1:1")],
        &[("HTTP_PROXY", "127.0.0.1:{P}")],
        &[("ALL_PROXY", "127.0.0.1:{P}")],
        &[],
    ] {
        all.push(case(variables, NAME));
    }
    // This machine is never behind a proxy of the environment.
    for host in ["localhost", "127.0.0.1", "127.9.9.9", "0.0.0.0"] {
        all.push(case(&[("HTTPS_PROXY", "127.0.0.1:{P}")], host));
    }
    // What is excluded, by name and by address.
    let names = [
        "api.corp.localhost",
        "API.Corp.Localhost",
        "corp.localhost",
        ".corp.localhost",
        "*.corp.localhost",
        "*corp.localhost",
        "api.corp.localhost:{D}",
        "api.corp.localhost:1",
        ".corp.localhost:{D}",
        "*.corp.localhost:{D}",
        "*.corp.localhost:1",
        "pi.corp.localhost",
        ".api.corp.localhost",
        "api",
        ",,",
        " , api.corp.localhost , ",
        "*",
        "other.localhost,*",
        "127.0.0.1",
        "127.0.0.1:{P}",
        "localhost",
        "0.0.0.0/0",
        "corp.localhost.",
    ];
    let addresses = [
        "0.0.0.0",
        "0.0.0.0:{D}",
        "0.0.0.0:1",
        "0.0.0.0/8",
        "0.0.0.0/32",
        "0.0.0.0/0",
        "0.0.0.0/33",
        "10.0.0.0/8",
        "127.0.0.0/8",
        "::/0",
        ",0.0.0.0",
        "*",
        "0.0.0.1/31",
        ".0.0.0",
    ];
    for (host, lists) in [(NAME, &names[..]), ("0.0.0.0", &addresses)] {
        for list in lists {
            all.push(case(&[("HTTPS_PROXY", "127.0.0.1:{P}"), ("NO_PROXY", list)], host));
        }
    }
    for variables in [[("NO_PROXY", ""), ("no_proxy", NAME)], [("NO_PROXY", "other.localhost"), ("no_proxy", NAME)]] {
        all.push(case(&[&[("HTTPS_PROXY", "127.0.0.1:{P}")], &variables[..]].concat(), NAME));
    }
    // The kubeconfig's own proxy is for every address.
    for (variables, host, proxy_url) in [
        (&[][..], NAME, "http://127.0.0.1:{P}"),
        (&[], NAME, "socks5://127.0.0.1:{P}"),
        (&[], "127.0.0.1", "http://127.0.0.1:{P}"),
        (&[("NO_PROXY", "*")], NAME, "http://127.0.0.1:{P}"),
        (&[("NO_PROXY", ",")], "0.0.0.0", "http://127.0.0.1:{P}"),
        (&[("HTTPS_PROXY", "http://127.0.0.1:1"), ("NO_PROXY", "127.0.0.1")], NAME, "http://127.0.0.1:{P}"),
    ] {
        all.push(Case { proxy_url: Some(proxy_url), ..case(variables, host) });
    }
    all
}

/// A listener that says what the first byte of each connection was, and answers none.
fn listen() -> (u16, Receiver<u8>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (found, first) = channel();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else { return };
            let mut byte = [0];
            let _ = connection.set_read_timeout(Some(Duration::from_secs(5)));
            if connection.read_exact(&mut byte).is_ok() {
                let _ =
                    connection.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
                if found.send(byte[0]).is_err() {
                    return;
                }
            }
        }
    });
    (port, first)
}

/// How a program reached the proxy, if it did. It is ended as soon as that is known.
fn outcome(case: &Case, folder: &Path, program: impl FnOnce(&str, u16) -> Command) -> &'static str {
    let (proxy, at_proxy) = listen();
    let (port, at_address) = listen();
    let fill = |text: &str| text.replace("{P}", &proxy.to_string()).replace("{D}", &port.to_string());
    let mut config = format!(
        "{{apiVersion: v1, kind: Config, current-context: c, contexts: [{{name: c, context: {{cluster: c, user: c}}}}], \
         users: [{{name: c, user: {{token: t}}}}], \
         clusters: [{{name: c, cluster: {{server: 'https://{}:{port}', insecure-skip-tls-verify: true",
        case.host
    );
    if let Some(url) = case.proxy_url {
        write!(config, ", proxy-url: '{}'", fill(url)).expect("text");
    }
    config.push_str("}}]}");
    let file = folder.join(format!("{port}.yaml"));
    std::fs::write(&file, config).expect("written");
    let mut command = program(case.host, port);
    command.env_clear().env("KUBECONFIG", &file).env("HOME", folder).current_dir(folder);
    command.envs(case.variables.iter().map(|(name, value)| (name, fill(value))));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("a program");
    let began = Instant::now();
    let outcome = loop {
        match at_proxy.try_recv() {
            Ok(b'C') => break "CONNECT",
            Ok(5) => break "SOCKS",
            Ok(0x16) => break "TLS",
            Ok(_) => break "something else",
            Err(_) if at_address.try_recv().is_ok() => break "direct",
            // A name that is not known: the last bytes may still be on their way.
            Err(_) if child.try_wait().expect("our child").is_some() => {
                break match at_proxy.recv_timeout(Duration::from_millis(100)) {
                    Ok(_) => "at its end",
                    Err(_) => "direct",
                };
            }
            Err(_) => {}
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{case:?}");
        std::thread::sleep(Duration::from_millis(3));
    };
    let _ = child.kill();
    let _ = child.wait();
    outcome
}

#[test]
fn a_proxy_is_used_exactly_where_kubectl_uses_it() {
    let Some(kubectl) = tool("kubectl", "ANU_TEST_KUBECTL") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let cases = cases();
    let anu = |source: String| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anu"));
        command.args(["registry", "validate", &source]);
        command
    };
    let (next, wrong, compared) = (AtomicUsize::new(0), Mutex::new(Vec::new()), AtomicUsize::new(0));
    let direct = AtomicUsize::new(0);
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let referee = outcome(case, folder.path(), |_, _| {
                let mut command = Command::new(&kubectl);
                command.args(["--request-timeout=10s", "get", "--raw", "/version"]);
                command
            });
            direct.fetch_add(usize::from(referee == "direct"), Ordering::Relaxed);
            let compare = |what: &str, ours: &str| {
                compared.fetch_add(1, Ordering::Relaxed);
                if ours != referee {
                    wrong.lock().expect("no panic").push(format!("{what}: {ours}, kubectl: {referee}: {case:?}"));
                }
            };
            compare(
                "cluster",
                outcome(case, folder.path(), |_, _| anu("configmap://c/namespace/name/registry.json".to_owned())),
            );
            if case.proxy_url.is_none() {
                compare(
                    "web",
                    outcome(case, folder.path(), |host, port| anu(format!("https://{host}:{port}/registry.json"))),
                );
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(work);
        }
    });
    let (wrong, compared) = (wrong.into_inner().expect("no panic"), compared.into_inner());
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
    let (all, direct) = (cases.len(), direct.into_inner());
    assert!(all >= LEAST && direct >= LEAST / 3 && all - direct >= LEAST / 3, "{direct} of {all} are direct");
    let line = format!(
        "acceptance: proxies: {all} combinations, {direct} of them direct, {compared} comparisons with kubectl\n"
    );
    // Past the test runner, which swallows what a test prints.
    let _ = std::io::stderr().write_all(line.as_bytes());
}
