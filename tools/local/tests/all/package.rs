//! The packages are what provided.al2023 can start.

use std::{fs::File, io::Read as _};

use object::{
    Object as _, ObjectSection as _,
    read::elf::{ElfFile64, FileHeader as _},
};

use crate::common::project;

/// The runtime's glibc.
const GLIBC: (u32, u32) = (2, 34);

fn bootstrap(function: &str) -> Vec<u8> {
    let path = project().join("dist").join(function).with_extension("zip");
    let file = File::open(&path).unwrap_or_else(|_| panic!("{}: run `make package` first", path.display()));
    assert!(file.metadata().unwrap().len() <= 4_000_000, "{function}.zip is over 4 MB");
    let mut archive = zip::ZipArchive::new(file).unwrap();
    assert_eq!(archive.len(), 1);
    let mut entry = archive.by_index(0).unwrap();
    assert_eq!(entry.name().unwrap(), "bootstrap");
    assert_eq!(entry.unix_mode().unwrap() & 0o111, 0o111, "bootstrap can be executed");
    let mut binary = Vec::new();
    entry.read_to_end(&mut binary).unwrap();
    binary
}

/// Every version of glibc's symbols that the binary asks for.
fn glibc_versions(binary: &[u8]) -> Vec<(u32, u32)> {
    let elf = ElfFile64::<object::Endianness>::parse(binary).unwrap();
    let endian = elf.endian();
    let header = elf.elf_header();
    let sections = header.sections(endian, binary).unwrap();
    let mut versions = Vec::new();
    let (mut needed, strings) = sections.gnu_verneed(endian, binary).unwrap().unwrap();
    let strings = sections.strings(endian, binary, strings).unwrap();
    while let Some((_, mut names)) = needed.next().unwrap() {
        while let Some(name) = names.next().unwrap() {
            let name = std::str::from_utf8(name.name(endian, strings).unwrap()).unwrap();
            if let Some((major, minor)) = name.strip_prefix("GLIBC_").and_then(|version| version.split_once('.')) {
                versions.push((major.parse().unwrap(), minor.split('.').next().unwrap().parse().unwrap()));
            }
        }
    }
    versions
}

#[test]
fn a_package_is_one_small_executable_that_asks_for_no_newer_glibc() {
    for function in ["validator", "processor", "viewer"] {
        let binary = bootstrap(function);
        let highest = glibc_versions(&binary).into_iter().max().unwrap();
        assert!(highest <= GLIBC, "{function} asks for GLIBC_{}.{}", highest.0, highest.1);
    }
}

/// Where the binary says what is run when a panic passes a frame.
fn unwinding_tables(binary: &[u8]) -> u64 {
    let elf = ElfFile64::<object::Endianness>::parse(binary).unwrap();
    elf.section_by_name(".gcc_except_table").map_or(0, |section| section.size())
}

#[test]
fn a_handler_that_panics_is_unwound_so_that_its_steps_are_told() {
    for function in ["validator", "processor", "viewer"] {
        // Of one that aborts, the standard library's own 5 kB are left.
        let tables = unwinding_tables(&bootstrap(function));
        assert!(tables > 100_000, "{function} aborts: {tables} bytes");
    }
}
