use super::*;
use serde_json::{Value as Json, json};

const TEXT: &str = "
app:
  server:
    steps: [a, b]
    requests: {GET /x.html: {weight: 1}}
    empty:
small: 1
";

/// What the text is an example of.
fn schema() -> Json {
    let anything = json!({"additionalProperties": {}});
    json!({
        "allOf": [{"properties": {"app": {"$ref": "#/definitions/app"}, "links": anything}}],
        "definitions": {"app": {"properties": {"server": {"anyOf": [{
            "properties": {
                "queue": {"properties": {"limit": {}}},
                "requests": {"additionalProperties": {"properties": {"weight": {}}}},
                "steps": {"items": {"properties": {"call": anything}}},
            },
        }]}}}},
    })
}

/// The document after `--set OPTION`, or the problem as `column title; help`.
fn after(option: &str) -> Result<String, String> {
    let mut sources = Sources::new();
    let file = sources.add("file", TEXT);
    let source = sources.add("--set", option);
    let mut problems = Problems::new();
    let mut root = parse(file, &sources, &mut problems).expect("this is YAML");
    if let Some((path, value)) = assignment(source, &sources, &mut problems)
        && let Err(problem) = set(&mut root, &path, value, &schema())
    {
        problems.push(problem);
    }
    match problems.sorted().first() {
        None => Ok(flow(&root)),
        Some(problem) => {
            assert_eq!(problem.place.source, source);
            let column = sources.position(problem.place).1;
            Err(format!("{column} {}; {}", problem.title, problem.help.as_deref().unwrap_or("")))
        }
    }
}

#[track_caller]
fn check(option: &str, expect: &str) {
    let shown = after(option).expect("this can be set");
    assert!(shown.contains(expect), "{shown}");
}

#[track_caller]
fn refused(option: &str, expect: &str) {
    assert_eq!(after(option), Err(expect.to_owned()), "{option}");
}

#[test]
fn a_value_is_set_by_its_path() {
    check("small=2", r#"small: "2""#);
    check("app.server.steps[1]=c", r#"steps: ["a", "c"]"#);
    check("app.server.steps=[x, {y: 1}]", r#"steps: ["x", {y: "1"}]"#);
    check("app.server.requests.\"GET /x.html\".weight=5", r#"{GET /x.html: {weight: "5"}}"#);
    check("app.server.new=lognormal(mean=1, cv=2)", r#"new: "lognormal(mean=1, cv=2)"}"#);
    check("app.server.empty.x=1", r#"empty: {x: "1"}"#);
    check("'a=b'=1", r#"a=b: "1""#);
    check("small=", r#"small: """#);
    check("small=~", "small: null");
}

#[test]
fn mappings_that_may_be_there_are_made_on_the_way() {
    check("links.default=1ms", r#"links: {default: "1ms"}"#);
    check("links.default.delay=1ms", r#"links: {default: {delay: "1ms"}}"#);
    check("app.server.queue.limit=3", r#"queue: {limit: "3"}"#);
    // Beside a name that is there, another is a slip.
    refused(
        "app.server.requests.get.weight=1",
        r#"21 unknown key "get"; valid here: "GET /x.html""#,
    );
    refused(
        "app.server.quue.limit=3",
        r#"12 unknown key "quue"; did you mean "queue"? (valid here: "queue", "requests" and "steps")"#,
    );
}

#[test]
fn a_path_that_leads_nowhere_is_explained() {
    refused(
        "app.sever.x=1",
        r#"5 unknown key "sever"; did you mean "server"? (valid here: "server")"#,
    );
    refused("app.server.steps[2]=1", "17 there is no item 2; ");
    refused("small.x=1", r#"7 there is no key "x" here; "#);
    refused("app[0]=1", "4 there is no list here; ");
    refused("app", r#"1 there is no "="; "#);
    for option in ["=1", "app..x=1", "app.=1", ".a=1", "a[x]=1", "a[1=1", "a\"b=1", "a[0]b=1"] {
        let problem = after(option).expect_err("this is no path");
        assert!(
            problem.contains("this is not a path") || problem.contains("no \"=\""),
            "{problem}"
        );
    }
    refused("app.server=[1", "12 this is not YAML; ");
}

#[test]
fn a_path_can_be_completed() {
    let mut sources = Sources::new();
    let source = sources.add("file", TEXT);
    let root = parse(source, &sources, &mut Problems::new()).expect("this is YAML");
    let path = Path::parse("app.steps[0]", root.place).expect("this is a path");
    assert_eq!(lookup(&root, &path), None);
    let path = path.splice(1, &["server"]);
    assert_eq!(lookup(&root, &path).and_then(Node::text), Some("a"));
}
