//! What goes into an archive comes out of it, and nothing else does.

use std::io::Write as _;

use flate2::write::GzEncoder;

use super::*;

fn kit(files: &[(&str, &str)]) -> KitFiles {
    let mut kit = KitFiles::default();
    for (name, text) in files {
        kit.insert((*name).to_owned(), text.as_bytes().to_vec()).expect("fits");
    }
    kit
}

/// An entry as a hostile packer would write it: any path, any kind.
fn entry(path: &str, kind: tar::EntryType, size: u64) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.as_gnu_mut().expect("GNU").name[..path.len()].copy_from_slice(path.as_bytes());
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    header.as_bytes().to_vec()
}

fn gzip(parts: &[&[u8]]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    for part in parts {
        gzip.write_all(part).expect("written");
    }
    gzip.finish().expect("a gzip")
}

#[test]
fn an_archive_is_the_same_every_time_and_comes_back() {
    let files = kit(&[("kit.toml", "name = \"a\"\n"), ("81-shop.toml", "slot = \"81\"\n")]);
    let packed = files.pack().expect("packs");
    assert_eq!(packed, files.pack().expect("packs"));
    let back = KitFiles::unpack(&packed).expect("unpacks");
    assert_eq!((back.digest(), &back), (files.digest(), &files));
    let other = kit(&[("kit.toml", "name = \"b\"\n"), ("81-shop.toml", "slot = \"81\"\n")]);
    assert_ne!(other.digest(), files.digest());
}

#[test]
fn what_others_pack_beside_a_kit_is_no_part_of_it() {
    let content = |text: &str| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(512, 0);
        bytes
    };
    let file = |path: &str| [entry(path, tar::EntryType::Regular, 1), content("x")].concat();
    let directory = entry("./", tar::EntryType::Directory, 0);
    let packed =
        gzip(&[&directory, &file("./kit.toml"), &file("README.md"), &file("charts/a.toml"), &[0; 1024]]);
    assert_eq!(KitFiles::unpack(&packed).expect("unpacks"), kit(&[("kit.toml", "x")]));
    let none = gzip(&[&file("README.md"), &[0; 1024]]);
    assert!(matches!(KitFiles::unpack(&none), Err(KitFault::NoKitFile)));
    let twice = gzip(&[&file("kit.toml"), &file("./kit.toml"), &[0; 1024]]);
    assert!(matches!(KitFiles::unpack(&twice), Err(KitFault::Special(_))));
}

#[test]
fn nothing_reaches_out_of_a_kit() {
    for path in ["../kit.toml", "/etc/kit.toml", "a/../../kit.toml", "a\\kit.toml"] {
        let packed = gzip(&[&entry(path, tar::EntryType::Regular, 0), &[0; 1024]]);
        assert!(matches!(KitFiles::unpack(&packed), Err(KitFault::Path(_))), "{path}");
    }
    for kind in [tar::EntryType::Symlink, tar::EntryType::Link, tar::EntryType::Fifo, tar::EntryType::Block] {
        let packed = gzip(&[&entry("kit.toml", kind, 0), &[0; 1024]]);
        assert!(matches!(KitFiles::unpack(&packed), Err(KitFault::Special(_))), "{kind:?}");
    }
    assert!(matches!(KitFiles::unpack(b"no archive"), Err(KitFault::Archive(_))));
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let block = vec![b' '; 1024 * 1024];
    let header = entry("README.md", tar::EntryType::Regular, 1 << 40);
    let parts: Vec<&[u8]> = [&header[..]].into_iter().chain(std::iter::repeat_n(&block[..], 64)).collect();
    let bomb = gzip(&parts);
    assert!(bomb.len() < 200 * 1024, "{}", bomb.len());
    assert!(matches!(KitFiles::unpack(&bomb), Err(KitFault::TooLarge("bytes"))));
    let many: Vec<_> =
        (0..=MOST_FILES).map(|n| entry(&format!("{n}.toml"), tar::EntryType::Regular, 0)).collect();
    let many: Vec<&[u8]> = many.iter().map(Vec::as_slice).chain([&[0; 1024][..]]).collect();
    assert!(matches!(KitFiles::unpack(&gzip(&many)), Err(KitFault::TooLarge("files"))));
}
