//! The picture of a fan-out in the README: one service of a registry, and the resources that it results in, as SVG.

use std::fmt::Write as _;

use crate::fanout::FanOut;
use crate::fanout::resource::ResourceSet;
use crate::registry::AccessEntry;

const LINE: usize = 18;
const MARGIN: usize = 20;
const COLUMN: usize = 390;

/// Text in a frame.
struct Frame {
    title: String,
    lines: Vec<String>,
}

impl Frame {
    fn height(&self) -> usize {
        (self.lines.len() + 1) * LINE + 20
    }

    fn draw(&self, x: usize, y: usize, colour: &str, svg: &mut String) {
        let height = self.height();
        let _ = writeln!(
            svg,
            r##"<rect x="{x}" y="{y}" width="{COLUMN}" height="{height}" rx="6" fill="#ffffff" stroke="{colour}" stroke-width="1.5"/>"##
        );
        let _ = writeln!(
            svg,
            r#"<text x="{}" y="{}" font-weight="bold" fill="{colour}">{}</text>"#,
            x + 12,
            y + 22,
            escaped(&self.title)
        );
        for (nth, line) in self.lines.iter().enumerate() {
            let below = y + 22 + (nth + 1) * LINE;
            let _ = writeln!(svg, r##"<text x="{}" y="{below}" fill="#24292f">{}</text>"##, x + 12, escaped(line));
        }
    }
}

/// The picture of a service that the registry lists.
pub(super) fn of_service(fan_out: &FanOut, name: &str) -> Option<String> {
    let service = fan_out.registry().services.iter().find(|service| service.name.as_str() == name)?;
    let resources = &fan_out.service(name)?.resources;
    let mut lines: Vec<String> = service.team.iter().map(|team| format!("team: {team}")).collect();
    for environment in &service.environments {
        lines.push(format!("environment: {}", environment.name));
        lines.extend(environment.google_project.iter().map(|project| format!("    googleProject: {project}")));
        for (level, _, entry) in environment.access.entries() {
            let who = match entry {
                AccessEntry::Team(team) => team.to_string(),
                AccessEntry::Principal { principal, .. } => short(principal.as_ref()),
            };
            lines.push(format!("    {level}: {who}"));
        }
        let targets = environment.targets.iter();
        lines.extend(targets.map(|target| format!("    target: {} / {}", target.cluster, target.namespace)));
    }
    let entry = Frame { title: format!("service {name}"), lines };
    let columns = [
        ("Service registry", "#57606a", vec![entry]),
        ("Google Cloud", "#1a73e8", google(resources)),
        ("Kubernetes", "#326ce5", kubernetes(resources)),
    ];
    let tallest =
        columns.iter().map(|(_, _, frames)| frames.iter().map(|frame| frame.height() + 14).sum::<usize>()).max()?;
    let (width, height) = (3 * COLUMN + 2 * 60 + 2 * MARGIN, tallest + 70);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"ui-monospace, Menlo, Consolas, monospace\" \
         font-size=\"12\" role=\"img\" xml:space=\"preserve\">\n<title>Service {name} of a registry, and the resources that it results in</title>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#f6f8fa\"/>\n"
    );
    for (nth, (title, colour, frames)) in columns.iter().enumerate() {
        let x = MARGIN + nth * (COLUMN + 60);
        let _ =
            writeln!(svg, r##"<text x="{x}" y="34" font-size="15" font-weight="bold" fill="#24292f">{title}</text>"##);
        // What is on both platforms comes from the registry.
        if nth == 1 {
            let (from, to, y) = (x - 50, x - 12, 100);
            let _ = writeln!(
                svg,
                r##"<path d="M{from} {y}H{to}m-8 -6l8 6l-8 6" fill="none" stroke="#57606a" stroke-width="2"/>"##
            );
        }
        let mut y = 50;
        for frame in frames {
            frame.draw(x, y, colour, &mut svg);
            y += frame.height() + 14;
        }
    }
    svg.push_str("</svg>\n");
    Some(svg)
}

fn google(resources: &ResourceSet) -> Vec<Frame> {
    let project = |project| {
        let apis = resources.apis.get(project).into_iter().flatten().map(|api| format!("API {api}"));
        let grants = resources.iam.get(project).into_iter().flatten();
        let members = grants.flat_map(|(role, members)| {
            let members = members.iter().map(|member| format!("    {}", short(member.principal.as_ref())));
            std::iter::once(role.to_string()).chain(members)
        });
        Frame { title: format!("project {project}"), lines: apis.chain(members).collect() }
    };
    resources.projects.keys().map(project).collect()
}

fn kubernetes(resources: &ResourceSet) -> Vec<Frame> {
    let namespace = |key| {
        let quota = resources.quotas.get(key).into_iter().flat_map(|quota| quota.iter());
        let quota = quota.map(|(name, value)| format!("quota {name}: {value}"));
        let bindings = resources.role_bindings.get(key).into_iter().flat_map(|bindings| bindings.values());
        let bindings = bindings.flat_map(|binding| {
            let subjects = binding.subjects.iter().map(|subject| format!("    {}", short(subject)));
            std::iter::once(format!("role binding {}", binding.role)).chain(subjects)
        });
        Frame { title: format!("namespace {key}"), lines: quota.chain(bindings).collect() }
    };
    resources.namespaces.keys().map(namespace).collect()
}

/// What fits into a column.
fn short(text: &str) -> String {
    const MOST: usize = 46;
    if text.chars().count() <= MOST { text.to_owned() } else { text.chars().take(MOST - 1).chain(['…']).collect() }
}

/// Text of an element.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
