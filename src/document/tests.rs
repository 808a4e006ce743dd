//! The tests share a small language, declared as the real one is.

mod editing;
mod reading;
mod reference;
mod rendering;
mod robustness;
mod syntax;

use super::*;
use crate::units::{Quantity, Rate, Share, Span};
use serde_json::{Value as Json, json};

record! {
    /// A shop.
    pub(super) struct ShopSpec {
        /// What it is called.
        pub name: String = "shop",
        /// Its servers.
        pub servers: Entries<ServerSpec>,
        /// How ties are broken.
        pub tie: Tie = "random",
        /// How often it opens.
        pub arrivals: Option<Rate>,
    }
}

record! {
    /// A pool of identical application servers.
    ///
    /// Each has its own cores.
    pub(super) struct ServerSpec {
        /// Identical instances, each with
        /// its own queue.
        pub replicas: Count = "1",
        /// What requests do here.
        pub endpoints: Entries<Vec<Act>>,
        /// How long a caller waits.
        pub timeout: Option<Span>,
        /// How many may wait.
        pub queue: QueueSpec = "{limit: 10k}",
        /// In which cache.
        pub r#in: Option<Name>,
    }
}

record! {
    /// Who waits.
    #[short = limit]
    pub(super) struct QueueSpec {
        /// How many | at most.
        pub limit: Limit = "unlimited",
        /// The share that is dropped.
        pub drop: Share = "0%",
        /// Whether the queue is fair.
        pub fair: bool = "true",
    }
}

choice! {
    /// How a tie is broken.
    pub(super) enum Tie {
        /// By chance.
        Random = "random",
        /// By the lowest number.
        LowestNumber = "lowest_number",
    }
}

record! {
    /// A call.
    #[short = to]
    pub(super) struct CallSpec {
        /// Whom.
        pub to: Name,
        /// How many times.
        pub times: Positive = "1",
        /// What follows.
        pub then: Vec<Act> = "[]",
    }
}

variant! {
    /// One step.
    pub(super) enum Act {
        /// Work.
        Cpu(Span) = "cpu",
        /// Ask another.
        Call(CallSpec) = "call",
        /// Do nothing.
        Idle = "idle",
        /// Wait in a queue.
        Wait(QueueSpec) = "wait",
    }
}

/// A distribution, as the real language would read one by hand.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Exp(Span);

impl Read for Exp {
    fn read(node: &Node, problems: &mut Problems) -> Option<Exp> {
        let expected = "a distribution such as exp(3ms)";
        let (name, arguments) = parsed(node, expected, call_syntax_owned, problems)?;
        let (range, text) = arguments.first().filter(|_| name == "exp")?;
        let span = Span::parse(text);
        if span.is_none() {
            let label = format!("expected {}", Span::EXPECTED);
            let title = format!("{} is not a duration", quoted(text));
            problems.push(Problem::new(node.part(range.clone()), title, label));
        }
        span.map(Exp)
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define::<Exp>("Exp", |_| described(json!({"type": "string"}), &["As said."]))
    }
}

type OwnedCall = (String, Vec<(std::ops::Range<usize>, String)>);

fn call_syntax_owned(text: &str) -> Option<OwnedCall> {
    let (name, arguments) = call_syntax(text)?;
    let arguments = arguments.iter().map(|a| (a.range(), a.text.to_owned())).collect();
    Some((name.to_owned(), arguments))
}

/// Reads `text` as `T`, and lists the problems as `line:column title`.
fn read<T: Read>(text: &str) -> (Option<T>, Vec<String>) {
    let mut sources = Sources::new();
    let source = sources.add("shop.yaml", text);
    let mut problems = Problems::new();
    let value =
        parse(source, &sources, &mut problems).and_then(|root| T::read(&root, &mut problems));
    let listed = problems.sorted().into_iter().map(|problem| {
        let (line, column) = sources.position(problem.place);
        format!("{line}:{column} {}", problem.title)
    });
    (value, listed.collect())
}

/// What the problems of `text`, read as `T`, look like.
fn rendered<T: Read>(text: &str) -> String {
    let mut sources = Sources::new();
    let source = sources.add("shop.yaml", text);
    let mut problems = Problems::new();
    if let Some(root) = parse(source, &sources, &mut problems) {
        T::read(&root, &mut problems);
    }
    render(&problems, &sources, false)
}

#[track_caller]
fn wrong<T: Read>(text: &str, expect: &[&str]) {
    assert_eq!(read::<T>(text).1, expect, "{text}");
}

#[track_caller]
fn right<T: Read>(text: &str) -> T {
    let (value, problems) = read::<T>(text);
    assert_eq!(problems, Vec::<String>::new(), "{text}");
    value.expect("no problem, so a value")
}

/// Any tree, written in flow style; a scalar in quotation marks.
struct Tree(String);

impl Read for Tree {
    fn read(node: &Node, _: &mut Problems) -> Option<Tree> {
        Some(Tree(flow(node)))
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({})
    }
}

fn flow(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Scalar(text) => format!("{text:?}"),
        Value::Sequence(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Value::Mapping(entries) => {
            let entries =
                entries.iter().map(|(key, value)| format!("{}: {}", key.text, flow(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}
