//! What a user of a stack that has just come up does next.

use std::path::Path;

use anyhow::Result;
use cli::output;

use crate::stack::DEFAULT_DIR;

/// Data on stdout, so that a script can take it; the rest is for people.
pub(super) fn print(dir: &Path, api_url: &str, order_id: Option<&str>, console: Option<&str>) -> Result<()> {
    output::line(api_url)?;
    let dir_word = word(dir);
    let elsewhere = if dir == Path::new(DEFAULT_DIR) { String::new() } else { format!(" LOCAL_DIR={dir_word}") };
    let trace = order_id.unwrap_or("<orderId>");
    let order = order_id.map(|id| format!("order {id} is stored\n\n")).unwrap_or_default();
    let console = console.map(|url| format!("{url}    # in a browser: all of it\n  ")).unwrap_or_default();
    cli::note!(
        "\n{order}Next:\n  \
         {console}curl -X POST '{api_url}' -H 'Content-Type: application/json' -d @tools/orders/sample.json\n  \
         make status ENVIRONMENT=local{elsewhere}\n  \
         make logs-processor ENVIRONMENT=local{elsewhere}\n  \
         make alarms ENVIRONMENT=local{elsewhere}\n  \
         make trace ENVIRONMENT=local{elsewhere} ORDER={trace}\n  \
         make dynamodb-scan ENVIRONMENT=local{elsewhere}\n  \
         . {dir_word}/env                               # any AWS client finds the stack\n  \
         make destroy ENVIRONMENT=local{elsewhere}"
    );
    Ok(())
}

/// A path as a shell takes it, blanks and quotes included.
fn word(path: &Path) -> String {
    let text = path.display().to_string();
    shlex::try_quote(&text).map_or_else(|_| text.clone(), |word| word.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_blanks_is_one_word() {
        assert_eq!(word(Path::new("/tmp/my stack")), "'/tmp/my stack'");
        assert_eq!(word(Path::new("/tmp/stack")), "/tmp/stack");
    }
}
