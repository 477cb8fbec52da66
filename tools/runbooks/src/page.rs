//! A page: sections, blocks, links, and what is wrong with its form.

use crate::{
    block::{Block, Kind},
    links::{self, Link},
};

/// Every page's sections, in their order.
pub const SECTIONS: [&str; 7] = ["Meaning", "Impact", "Diagnosis", "Mitigation", "Verify", "Escalation", "Links"];

/// More to read does not fit on a screen: blank lines and fences are no reading.
const MAX_LINES: usize = 50;

/// How a page says why it is longer.
const LONGER: &str = "Longer than a screen: ";

/// The second line, before anything that could be pasted: a tired person must not work on another environment than the one meant.
const ENVIRONMENT: &str = "Environment: `export ENVIRONMENT=";

/// How a page says that it is for a question, and no alarm names it.
const NO_ALARM: &str = "No alarm leads here: ";

/// A runbook.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The file's name without `.md`.
    pub name: String,
    /// After `# NAME: `.
    pub title: String,
    /// In the page's order.
    pub blocks: Vec<Block>,
    /// In the page's order.
    pub links: Vec<Link>,
    /// A question leads to it, not an alarm.
    pub is_for_a_question: bool,
    /// Code between backticks, outside blocks, with its line.
    pub inline_code: Vec<(usize, String)>,
}

/// Something wrong with a page's form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl Page {
    /// Reads a page; what is wrong with it is told besides.
    pub fn parse(name: &str, text: &str) -> (Self, Vec<Problem>) {
        let mut reader = Reader { page: Page { name: name.to_owned(), ..Page::default() }, ..Reader::default() };
        let lines: Vec<&str> = text.lines().collect();
        let mut at = 0;
        while at < lines.len() {
            at = match lines[at].strip_prefix("```") {
                Some(info) => reader.fence(info.trim(), &lines, at),
                None => reader.line(lines[at], at),
            };
        }
        if !lines.get(1).is_some_and(|line| line.starts_with(ENVIRONMENT)) {
            reader.problem(1, format!("the second line must begin with `{ENVIRONMENT}`: which environment is meant?"));
        }
        let is_longer = lines.iter().any(|line| line.starts_with(LONGER));
        reader.page.is_for_a_question = lines.iter().any(|line| line.starts_with(NO_ALARM));
        let reading = lines.iter().filter(|line| !line.trim().is_empty() && !line.starts_with("```")).count();
        reader.finish(if is_longer { 0 } else { reading })
    }

    /// Its blocks of one kind; with a name, only those of that name.
    pub fn blocks_of(&self, kind: Kind, name: Option<&str>) -> impl Iterator<Item = &Block> {
        let fits = move |block: &&Block| block.kind == kind && (name.is_none() || block.name.as_deref() == name);
        self.blocks.iter().filter(fits)
    }

    /// Every command that the page tells somebody to run, in blocks and between backticks, with its line.
    pub fn commands(&self) -> impl Iterator<Item = (usize, &str)> {
        let blocks = self.blocks.iter().flat_map(|block| {
            block.commands.iter().enumerate().map(|(n, command)| (block.line + 1 + n, command.as_str()))
        });
        let inline = self.inline_code.iter().map(|(line, code)| (*line, code.as_str()));
        blocks.chain(inline.filter(|(_, code)| code.starts_with("orders ") || code.starts_with("make ")))
    }
}

#[derive(Debug, Default)]
struct Reader {
    page: Page,
    problems: Vec<Problem>,
    sections: Vec<(String, usize, bool)>,
    undo_is_told: bool,
    /// The line after the last block of commands, blank lines left out: where its expected output would stand.
    after_block: Option<usize>,
}

impl Reader {
    fn problem(&mut self, at: usize, what: impl Into<String>) {
        self.problems.push(Problem { line: at + 1, what: what.into() });
    }

    fn line(&mut self, line: &str, at: usize) -> usize {
        if at == 0 {
            match line.strip_prefix("# ").and_then(|rest| rest.strip_prefix(self.page.name.as_str())) {
                Some(title) => self.page.title = title.trim_start_matches(':').trim().to_owned(),
                None => self.problem(at, format!("the first line must be `# {}: what it says`", self.page.name)),
            }
            return at + 1;
        }
        if let Some(section) = line.strip_prefix("## ") {
            self.sections.push((section.trim().to_owned(), at, false));
        } else if !line.trim().is_empty() {
            if let Some((_, _, filled)) = self.sections.last_mut() {
                *filled = true;
            }
            self.undo_is_told |= line.starts_with("Undo:");
            self.page.links.extend(links::links(line, at + 1));
            self.page.inline_code.extend(links::inline_code(line).map(|code| (at + 1, code.to_owned())));
        } else {
            return at + 1;
        }
        self.after_block = None;
        at + 1
    }

    /// A fence and what it encloses; the next line to read.
    fn fence(&mut self, info: &str, lines: &[&str], at: usize) -> usize {
        let Some(length) = lines[at + 1..].iter().position(|line| line.trim_end() == "```") else {
            self.problem(at, "the block is not closed");
            return lines.len();
        };
        let (inside, next) = (&lines[at + 1..at + 1 + length], at + length + 2);
        if let Some((_, _, filled)) = self.sections.last_mut() {
            *filled = true;
        }
        let words: Vec<&str> = info.split_whitespace().collect();
        match words.as_slice() {
            ["text"] => match (self.after_block.take(), self.page.blocks.last_mut()) {
                (Some(_), Some(block)) => block.expected = Some(inside.join("\n")),
                _ => self.problem(at, "a `text` block must follow the commands whose output it is"),
            },
            ["sh", kind, name @ ..] if name.len() <= 1 => match Kind::of(kind) {
                Some(kind) => self.commands(kind, name.first().copied(), inside, at),
                None => self.problem(at, format!("`sh {kind}`: say `run`, `mitigate`, `undo` or `verify`")),
            },
            _ => self.problem(at, format!("```{info}: a block is `sh KIND [NAME]`, or `text` after one")),
        }
        next
    }

    fn commands(&mut self, kind: Kind, name: Option<&str>, inside: &[&str], at: usize) {
        let section = self.sections.last().map(|(name, _, _)| name.clone()).unwrap_or_default();
        if section != kind.section() {
            self.problem(at, format!("this block belongs in {}, not in {section}", kind.section()));
        }
        if inside.is_empty() {
            self.problem(at, "the block is empty");
        }
        for (n, command) in inside.iter().enumerate() {
            if !(command.starts_with("orders ") || command.starts_with("make ")) {
                self.problem(
                    at + 1 + n,
                    format!("`{command}`: only `orders` and `make`, which work in every environment"),
                );
            }
            if command.contains(['|', ';', '&', '>', '<']) {
                self.problem(at + 1 + n, format!("`{command}`: one plain command a line"));
            }
            if let Err(error) = shell_words::split(command) {
                self.problem(at + 1 + n, format!("`{command}`: {error}"));
            }
        }
        self.undo_is_told |= kind == Kind::Undo;
        self.page.blocks.push(Block {
            kind,
            name: name.map(str::to_owned),
            commands: inside.iter().map(|line| (*line).to_owned()).collect(),
            expected: None,
            line: at + 1,
        });
        self.after_block = Some(at);
    }

    fn finish(mut self, lines: usize) -> (Page, Vec<Problem>) {
        let found: Vec<&str> = self.sections.iter().map(|(name, _, _)| name.as_str()).collect();
        if found != SECTIONS {
            let what = format!("the sections must be {}, and are {}", SECTIONS.join(", "), found.join(", "));
            self.problem(0, what);
        }
        let empty: Vec<_> = self.sections.iter().filter(|(_, _, filled)| !filled).cloned().collect();
        for (name, at, _) in empty {
            self.problem(at, format!("{name} says nothing"));
        }
        for kind in [Kind::Run, Kind::Mitigate, Kind::Verify] {
            if self.page.blocks_of(kind, None).next().is_none() {
                self.problem(0, format!("{} has no block of commands", kind.section()));
            }
        }
        if !self.undo_is_told {
            self.problem(0, "Mitigation tells no way back: an `sh undo` block, or a line that begins with `Undo:`");
        }
        if lines > MAX_LINES {
            self.problem(
                MAX_LINES,
                format!(
                    "{lines} lines to read: a page is one screen, {MAX_LINES} at most, or says why (`{LONGER}...`)"
                ),
            );
        }
        (self.page, self.problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
# queue-age: orders wait
Environment: `export ENVIRONMENT=prod`.

## Meaning
Orders wait.

## Impact
They are late.

## Diagnosis
```sh run
orders consumer status
```

```text
Disabled
```

## Mitigation
```sh mitigate start
orders consumer start
```
```sh undo start
orders consumer stop
```

## Verify
```sh verify
orders queue
```

## Escalation
After an hour, `make status`.

## Links
- [Queue](../dashboards/orders.json)
";

    fn problems(page: &str) -> Vec<String> {
        Page::parse("queue-age", page).1.into_iter().map(|problem| problem.what).collect()
    }

    #[test]
    fn a_sound_page_has_its_blocks_and_no_problem() {
        let (page, problems) = Page::parse("queue-age", PAGE);
        assert_eq!(problems, []);
        assert_eq!(page.title, "orders wait");
        assert_eq!(page.blocks.len(), 4);
        assert_eq!(page.blocks[0].expected.as_deref(), Some("Disabled"));
        assert_eq!(page.blocks_of(Kind::Undo, Some("start")).count(), 1);
        assert_eq!(page.commands().last(), Some((33, "make status")));
        assert_eq!(page.links[0].target, "../dashboards/orders.json");
    }

    #[test]
    fn each_break_of_the_form_is_told() {
        for (from, to, told) in [
            ("# queue-age", "# age", "first line"),
            ("Environment: `export ENVIRONMENT=prod`.\n", "", "which environment"),
            ("## Impact", "## Effect", "sections must be"),
            ("They are late.", "", "Impact says nothing"),
            ("```sh run", "```sh verify", "belongs in Verify"),
            ("```sh run", "```sh read", "say `run`"),
            ("```sh run", "```bash", "a block is"),
            ("orders consumer status", "aws lambda list", "only `orders` and `make`"),
            ("orders consumer status", "orders logs validator | head", "one plain command"),
            ("```sh undo start\norders consumer stop\n```\n", "", "no way back"),
            ("After an hour, `make status`.", "```text\nx\n```", "must follow the commands"),
            ("orders queue\n```", "orders queue", "not closed"),
            ("orders queue\n```", "orders queue 'x\n```", "missing closing quote"),
        ] {
            let broken = PAGE.replacen(from, to, 1);
            assert!(problems(&broken).iter().any(|what| what.contains(told)), "{told}: {:?}", problems(&broken));
        }
        assert!(problems(&format!("{PAGE}{}", "x\n".repeat(80))).iter().any(|what| what.contains("one screen")));
    }
}
