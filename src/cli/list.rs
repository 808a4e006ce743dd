//! `deploysim list`: the scenarios that come with it.

use crate::text::wrapped;

use super::shipped::{SHIPPED, Shipped};
use super::{OK, terminal};

pub(super) fn run() -> anyhow::Result<u8> {
    let names = SHIPPED.iter().map(|shipped| shipped.name.len()).max().unwrap_or(0);
    let line = |Shipped { name, text }: &_| {
        let line = format!("{name:names$}  {}", teaches(text));
        wrapped(&line, terminal::width(), names + 2) + "\n"
    };
    let all: String = SHIPPED.iter().map(line).collect();
    let how =
        "\n`deploysim run NAME` runs one, and `deploysim new NAME` writes a copy to change.\n";
    terminal::print(&(all + how))?;
    Ok(OK)
}

/// What stands after `teaches:`.
fn teaches(text: &str) -> &str {
    let line = text.lines().find_map(|line| line.strip_prefix("teaches:"));
    line.map_or("", str::trim)
}
