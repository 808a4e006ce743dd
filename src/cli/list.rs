//! `deploysim list`: the scenarios that come with it, by topic.

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::text::wrapped;

use super::shipped::{Shipped, TOPICS, Topic, all};
use super::{OK, terminal};

#[derive(Args)]
pub(super) struct Arguments {
    /// Show the scenarios of this topic alone
    #[arg(long, value_parser = PossibleValuesParser::new(TOPICS.iter().map(|topic| topic.name)))]
    topic: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let wanted = |topic: &&Topic| arguments.topic.as_deref().is_none_or(|name| name == topic.name);
    let topics: Vec<String> = TOPICS.iter().filter(wanted).map(section).collect();
    let how =
        "\n`deploysim run NAME` runs one, and `deploysim new NAME` writes a copy to change.\n";
    terminal::print(&(topics.join("\n") + how))?;
    Ok(OK)
}

/// A heading, and a line of each scenario of the topic.
fn section(topic: &Topic) -> String {
    let names = all().map(|shipped| shipped.name.len()).max().unwrap_or(0);
    let line = |Shipped { name, text, .. }: &_| {
        let line = format!("  {name:names$}  {}", teaches(text));
        wrapped(&line, terminal::width(), names + 4) + "\n"
    };
    let heading = format!("{}: {}", topic.name, topic.about());
    let lines: String = topic.scenarios.iter().map(line).collect();
    wrapped(&heading, terminal::width(), 0) + "\n" + &lines
}

/// What stands after `teaches:`.
fn teaches(text: &str) -> &str {
    let line = text.lines().find_map(|line| line.strip_prefix("teaches:"));
    line.map_or("", str::trim)
}
