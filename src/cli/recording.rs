//! The recording of `anu demo` in the README: the text of a real run, as an animated SVG of a terminal.
//!
//! Without animation, as in a converter, all lines are visible and the first screen of them is shown.

use std::fmt::Write as _;

use super::picture::escaped;

const ROWS: usize = 30;
const COLUMNS: usize = 112;
const LINE: usize = 18;
const MARGIN: usize = 16;
/// The bar above the screen.
const BAR: usize = 34;
/// How long the end stays before the recording begins again, in seconds.
const REST: f64 = 8.0;
/// What comes after it is for those who run the demo.
const END: &str = "What to try next";

/// The recording of what a demo printed.
pub(super) fn of_demo(text: &str) -> String {
    let mut lines = vec!["$ anu demo"];
    lines.extend(text.lines().take_while(|line| *line != END));
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    let times = times(&lines);
    let length = times.last().copied().unwrap_or_default() + REST;
    let (width, screen) = (COLUMNS * 79 / 10 + 2 * MARGIN, ROWS * LINE + 2);
    let height = BAR + screen + MARGIN / 2;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" \
         font-size=\"13\" role=\"img\" xml:space=\"preserve\">\n<title>A recording of `anu demo`: init, plan, apply, an empty second plan, and what was created</title>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#0d1117\"/>\n\
         <circle cx=\"20\" cy=\"17\" r=\"6\" fill=\"#ff5f56\"/><circle cx=\"40\" cy=\"17\" r=\"6\" fill=\"#ffbd2e\"/><circle cx=\"60\" cy=\"17\" r=\"6\" fill=\"#27c93f\"/>\n\
         <clipPath id=\"screen\"><rect y=\"{BAR}\" width=\"{width}\" height=\"{screen}\"/></clipPath>\n<g clip-path=\"url(#screen)\">\n<g>\n"
    );
    scroll(&mut svg, &times, length);
    for (nth, (line, time)) in lines.iter().zip(&times).enumerate() {
        if line.is_empty() {
            continue;
        }
        let y = BAR + 14 + nth * LINE;
        let (colour, weight) = style(line, nth > 0 && lines[nth - 1].is_empty());
        let weight = if weight { " font-weight=\"bold\"" } else { "" };
        let appears = if *time > 0.0 {
            format!(
                "<animate attributeName=\"visibility\" values=\"hidden;visible\" keyTimes=\"0;{:.4}\" calcMode=\"discrete\" dur=\"{length:.1}s\" repeatCount=\"indefinite\"/>",
                time / length
            )
        } else {
            String::new()
        };
        let _ = writeln!(
            svg,
            "<text x=\"{MARGIN}\" y=\"{y}\" fill=\"{colour}\"{weight}>{}{appears}</text>",
            escaped(&cut(line))
        );
    }
    svg.push_str("</g>\n</g>\n</svg>\n");
    svg
}

/// When each line appears, in seconds. A command waits to be read, and its output for the command.
fn times(lines: &[&str]) -> Vec<f64> {
    let (mut now, mut since, mut before, mut times) = (0.0, 0, "", Vec::new());
    for line in lines {
        let is_command = line.starts_with("$ ");
        if times.is_empty() {
            // The command that is recorded.
        } else if is_command && !before.starts_with("$ ") {
            now += 0.8 + f64::from(since) * 0.03; // a long output is read for longer
        } else if before.starts_with("$ ") {
            now += 0.6;
        } else {
            now += 0.06;
        }
        since = if is_command { 0 } else { since + 1 };
        times.push(now);
        before = line;
    }
    times
}

/// From the first line on for which there is no room, each moves the screen by one.
fn scroll(svg: &mut String, times: &[f64], length: f64) {
    let (mut values, mut at) = ("0 0".to_owned(), "0".to_owned());
    for (nth, time) in times.iter().enumerate().skip(ROWS) {
        let _ = write!(values, ";0 -{}", (nth + 1 - ROWS) * LINE);
        let _ = write!(at, ";{:.4}", time / length);
    }
    let _ = writeln!(
        svg,
        "<animateTransform attributeName=\"transform\" type=\"translate\" values=\"{values}\" keyTimes=\"{at}\" calcMode=\"discrete\" dur=\"{length:.1}s\" repeatCount=\"indefinite\"/>"
    );
}

/// The colour of a line, and whether it is bold.
fn style(line: &str, follows_an_empty_line: bool) -> (&'static str, bool) {
    let plain = line.trim_start();
    let results = ["Plan:", "Apply complete!", "No changes."];
    if line.starts_with("$ ") {
        ("#79c0ff", true)
    } else if line.starts_with('(') {
        ("#8b949e", false)
    } else if plain.starts_with("+ ") {
        ("#7ee787", false)
    } else if plain.starts_with("# ")
        || results.iter().any(|result| line.starts_with(result))
        || (follows_an_empty_line && !line.starts_with(' '))
    {
        ("#ffffff", true)
    } else {
        ("#c9d1d9", false)
    }
}

/// What fits on the screen.
fn cut(line: &str) -> String {
    if line.chars().count() <= COLUMNS {
        return line.to_owned();
    }
    line.chars().take(COLUMNS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_appears_after_the_one_before_and_the_end_is_left_out() {
        let svg = of_demo("\nA heading\n\n$ terraform plan\nPlan: <1> to add\n(0.8 s)\n\nWhat to try next\n$ rm\n");
        let shown: Vec<&str> =
            svg.lines().filter_map(|line| line.strip_prefix("<text ")?.split_once('>')).map(|(_, rest)| rest).collect();
        let texts: Vec<&str> =
            shown.iter().map(|rest| rest.split("<a").next().expect("one").trim_end_matches("</text>")).collect();
        assert_eq!(texts, ["$ anu demo", "A heading", "$ terraform plan", "Plan: &lt;1&gt; to add", "(0.8 s)"]);
        let times = times(&["$ anu demo", "", "a", "$ b", "c"]);
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
    }

    #[test]
    fn what_has_no_room_scrolls() {
        let long: String = (0..ROWS + 3).map(|nth| format!("line {nth}\n")).collect();
        let svg = of_demo(&long);
        assert!(svg.contains("values=\"0 0;0 -18;0 -36;0 -54;0 -72\""), "{svg}");
        assert!(of_demo("short").contains("values=\"0 0\""));
        assert_eq!(cut(&"x".repeat(COLUMNS + 5)).chars().count(), COLUMNS);
    }
}
