//! The runbooks go into the binary: a page that explains an alarm is read when other things are down.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../runbooks").canonicalize()?;
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut pages: Vec<_> =
        fs::read_dir(&folder)?.collect::<Result<Vec<_>, _>>()?.iter().map(fs::DirEntry::path).collect();
    pages.sort();
    let mut table = String::from("[\n");
    for path in pages.iter().filter(|path| path.extension().is_some_and(|extension| extension == "md")) {
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        // The index and the template are no alarm's.
        if name != "README" && !name.starts_with('_') {
            println!("cargo:rerun-if-changed={}", path.display());
            writeln!(table, "({name:?}, include_str!({:?})),", path.display().to_string())?;
        }
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("runbooks.rs"), table + "]\n")?;
    Ok(())
}
