//! Every error of a program, as a user sees it.

use std::fmt::Write as _;
use std::fs;

use anu::compile::{Request, evaluate};

use crate::{compile_text, failure};

/// One program for each thing that can be wrong.
const PROGRAMS: &[&str] = &[
    // not a program
    "{",
    "{ a: 1 b: 2 }",
    "local x = 1",
    "{ 'a': ? }",
    "'unterminated",
    "/* unterminated",
    "|||\nnot indented\n|||",
    "|||x",
    "\"\\q\"",
    "\"\\u12\"",
    "\"\\ud800\"",
    "012",
    "1.",
    "1e",
    "1_",
    "1e99999999999999999999",
    "[1, 2",
    "f(1",
    // not a well-formed one
    "undefined_variable",
    "self",
    "super.x",
    "$",
    "local a = 1, a = 2; a",
    "{ a: 1, a: 2 }",
    "local f(x, x) = 1; f(1)",
    "local f(x, y) = 1; f(x=1, 2)",
    "import |||\n  x\n|||",
    "import 'a' + 'b'",
    // one whose evaluation fails
    "local f(x) = f(x + 1) + 1; f(0)",
    "local x = x; x",
    "null.a",
    "1[0]",
    "1[0:1]",
    "[1][1]",
    "[1][-1]",
    "[1][0.5]",
    "[1]['a']",
    "'abc'[{}]",
    "{}[1]",
    "{}.a",
    "{ [x]: 1 for x in ['a', 'a'] }",
    "{ [1]: 1 }",
    "({ a: super.b }).a",
    "[x for x in 1]",
    "if 1 then 2",
    "1(2)",
    "(function(x) x)(1, 2)",
    "(function(x) x)(y=1)",
    "(function(x) x)(1, x=1)",
    "(function(x) x)()",
    "-'a'",
    "1 - 'a'",
    "1 << -1",
    "1 / 0",
    "1e308 * 10",
    "std.log(-1)",
    "std.length(1)",
    "std.substr(1, 2, 3)",
    "assert 1 == 2; 1",
    "assert false : 'two plus two is four'; 1",
    "{ assert false : 'services need a team' }",
    "std.assertEqual(1, 2)",
    "error 'a service needs a team'",
    "error { a: 1 }",
    "std.extVar('missing')",
    "std.native('missing')(1)",
    "{ f: function(x) x }",
    "null < null",
    "true < false",
    "{} < {}",
    "(function(x) x) == (function(x) x)",
    "1 < 'a'",
    "std.primitiveEquals({}, {})",
    "std.parseJson('{')",
    "std.parseInt('x')",
    "std.manifestIni(1)",
    "'%d' % 'x'",
    "std.foo",
    "local list = [1, { name: error 'here' }]; { services: list }",
    "local service(name) = { name: name, team: self.tem };\n{\n  services: [\n    service('make-it-rain'),\n  ],\n}",
];

#[test]
fn every_error_names_the_place_and_the_rule() {
    let mut texts = String::new();
    for program in PROGRAMS {
        writeln!(texts, "### {}\n{}\n", program.replace('\n', "\n### "), failure(compile_text(program))).unwrap();
    }
    insta::assert_snapshot!(texts);
}

#[test]
fn an_error_in_an_imported_file_has_the_way_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("registry.jsonnet", "local services = import 'services.libsonnet';\n{ services: services }\n");
    write("services.libsonnet", "[import 'ledger.jsonnet']");
    write("ledger.jsonnet", "{\n\tteam: 'core' + banking,\n}");
    let text = failure(evaluate(&Request::of_file(&folder.path().join("registry.jsonnet"))));
    insta::assert_snapshot!(text.replace(folder.path().to_str().unwrap(), ""), @r"
    Unknown variable: banking
      --> /ledger.jsonnet:2:17
      |
    2 |     team: 'core' + banking,
      |                    ^^^^^^^
      in array element 0
      in field `services`
    ");
}

#[test]
fn what_a_program_contains_cannot_change_the_terminal() {
    let text = failure(compile_text("error 'a\\u001b[2Jb\\nsecond line' // \u{1b}[2J"));
    assert!(!text.contains('\u{1b}'), "{text:?}");
    insta::assert_snapshot!(text, @r"
    a\u{1b}[2Jb
      second line
      --> registry.jsonnet:1:1
      |
    1 | error 'a\u001b[2Jb\nsecond line' // \u{1b}[2J
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ");
}

#[test]
fn a_long_line_is_cut_around_the_place() {
    let text = failure(compile_text(&format!("[{} x, {}]", "1, ".repeat(500), "2, ".repeat(500))));
    insta::assert_snapshot!(text, @r"
    Unknown variable: x
      --> registry.jsonnet:1:1503
      |
    1 |  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  x, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
      |                                                                                 ^
    ");
}
