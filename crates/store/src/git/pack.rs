//! A pack: many objects in one file, and an index beside it that says where each is (gitformat-pack(5), version 2 of both).
//!
//! Written here and not by libgit2, which looks for deltas on the way: that is most of the time of a first commit, and `git gc`
//! does it anyway. Git takes a pack for one as soon as its index has its name, so the index gets it last. Until then there are
//! files whose names begin with `tmp_`: what a killed run leaves of them, `git gc` takes away as it does its own.
#![expect(clippy::disallowed_methods, reason = "a pack is a file that Git knows")]

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use git2::{ObjectType, Oid};
use sha1::{Digest as _, Sha1};
use sovereign_text::parallel;

use super::shared::Sharing;
use super::writer::{Object, Objects};

/// The first bytes of a pack and of an index, and the version of both.
const PACK: &[u8] = b"PACK\0\0\0\x02";
const INDEX: &[u8] = b"\xfftOc\0\0\0\x02";
/// From this on an index names an offset in a table of its own.
const LARGE: u64 = 1 << 31;
/// Nobody writes to what is packed.
const MODE: u32 = 0o444;

/// Writes a pack of these objects into the directory of a repository's objects.
pub(super) fn write(objects: &Path, new: &Objects<'_>, sharing: Sharing) -> io::Result<()> {
    let directory = objects.join("pack");
    if let Err(error) = fs::create_dir(&directory)
        && error.kind() != ErrorKind::AlreadyExists
    {
        return Err(error);
    }
    let entries = pack(new)?;
    let (pack, checksum) = Temporary::write(&directory, "tmp_pack", |out| write_pack(out, &entries))?;
    let (index, _) = Temporary::write(&directory, "tmp_idx", |out| write_index(out, &entries, &checksum))?;
    let name = checksum.iter().fold(String::new(), |mut name, byte| {
        // Writing to a string cannot fail.
        let _ = write!(name, "{byte:02x}");
        name
    });
    // One of the same name holds the same.
    pack.install(&directory.join(format!("pack-{name}.pack")), sharing)?;
    index.install(&directory.join(format!("pack-{name}.idx")), sharing)
}

/// An object as it stands in a pack.
struct Entry {
    id: Oid,
    /// Its kind and size, and its compressed content.
    bytes: Vec<u8>,
    crc: u32,
}

/// How many objects are compressed one after the other.
const SHARE: usize = 64;

/// Compresses objects, on all processors.
fn pack(objects: &Objects<'_>) -> io::Result<Vec<Entry>> {
    let objects: Vec<(&Oid, &Object<'_>)> = objects.iter().collect();
    let shares: Vec<_> = objects.chunks(SHARE).collect();
    let packed = parallel::map_heavy(SHARE, &shares, |share| {
        let mut packer = Packer::new();
        share.iter().map(|(id, object)| packer.entry(**id, object)).collect::<io::Result<Vec<_>>>()
    });
    let packed = packed.into_iter().collect::<io::Result<Vec<_>>>()?;
    Ok(packed.into_iter().flatten().collect())
}

/// Compresses one object after the other. To begin anew costs more than to compress a small one.
struct Packer(ZlibEncoder<Vec<u8>>);

impl Packer {
    fn new() -> Self {
        // As Git compresses what it does not pack: `git gc` does it again and better.
        Self(ZlibEncoder::new(Vec::new(), Compression::fast()))
    }

    fn entry(&mut self, id: Oid, object: &Object<'_>) -> io::Result<Entry> {
        let Self(encoder) = self;
        encoder.reset(head(object.kind, object.content.len()))?;
        encoder.write_all(&object.content)?;
        encoder.try_finish()?;
        let bytes = std::mem::take(encoder.get_mut());
        let mut crc = Crc::new();
        crc.update(&bytes);
        Ok(Entry { id, crc: crc.sum(), bytes })
    }
}

/// Returns kind and size of an object: four bits of the size stand beside the kind, seven in each further byte, and the first bit
/// of a byte says whether another one follows.
fn head(kind: ObjectType, size: usize) -> Vec<u8> {
    let kind = match kind {
        ObjectType::Commit => 1,
        ObjectType::Tree => 2,
        ObjectType::Blob | ObjectType::Any => 3,
        ObjectType::Tag => 4,
    };
    let low = |bits: usize, mask: u8| bits.to_le_bytes()[0] & mask;
    let (mut byte, mut rest) = (kind << 4 | low(size, 0x0f), size >> 4);
    let mut head = Vec::new();
    while rest > 0 {
        head.push(byte | 0x80);
        (byte, rest) = (low(rest, 0x7f), rest >> 7);
    }
    head.push(byte);
    head
}

type Checksum = [u8; 20];

fn write_pack(out: &mut Summing<'_>, entries: &[Entry]) -> io::Result<()> {
    out.write_all(PACK)?;
    out.write_all(&number(entries.len())?)?;
    entries.iter().try_for_each(|entry| out.write_all(&entry.bytes))
}

/// Writes the index of a pack with this checksum. The entries stand in the pack in the order of their ids.
fn write_index(out: &mut Summing<'_>, entries: &[Entry], pack: &Checksum) -> io::Result<()> {
    out.write_all(INDEX)?;
    for first in 0..=u8::MAX {
        let up_to = entries.partition_point(|entry| entry.id.as_bytes().first() <= Some(&first));
        out.write_all(&number(up_to)?)?;
    }
    entries.iter().try_for_each(|entry| out.write_all(entry.id.as_bytes()))?;
    entries.iter().try_for_each(|entry| out.write_all(&entry.crc.to_be_bytes()))?;
    let (mut offset, mut large) = (PACK.len() as u64 + 4, Vec::new());
    for entry in entries {
        match u32::try_from(offset) {
            Ok(offset) if u64::from(offset) < LARGE => out.write_all(&offset.to_be_bytes())?,
            Ok(_) | Err(_) => {
                let place = u32::from_be_bytes(number(large.len())?);
                out.write_all(&(place | 1 << 31).to_be_bytes())?;
                large.push(offset);
            }
        }
        offset += entry.bytes.len() as u64;
    }
    large.iter().try_for_each(|offset| out.write_all(&offset.to_be_bytes()))?;
    out.write_all(pack)
}

fn number(count: usize) -> io::Result<[u8; 4]> {
    u32::try_from(count)
        .map(u32::to_be_bytes)
        .map_err(|_| io::Error::other("more objects than a pack can hold"))
}

/// A file that sums up what is written to it.
struct Summing<'f> {
    file: BufWriter<&'f File>,
    sum: Sha1,
}

impl io::Write for Summing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.sum.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A file that has no name yet by which Git would know it. It is deleted unless it is installed.
struct Temporary {
    path: PathBuf,
    is_installed: bool,
}

impl Temporary {
    /// Writes a file whose last bytes are the checksum of all before.
    fn write(
        directory: &Path,
        stem: &str,
        content: impl FnOnce(&mut Summing<'_>) -> io::Result<()>,
    ) -> io::Result<(Self, Checksum)> {
        let (temporary, file) = Self::create(directory, stem)?;
        let mut out = Summing { file: BufWriter::with_capacity(1 << 16, &file), sum: Sha1::new() };
        content(&mut out)?;
        let Summing { file: mut buffer, sum } = out;
        let checksum = Checksum::from(sum.finalize());
        buffer.write_all(&checksum)?;
        buffer.flush()?;
        drop(buffer);
        // As Git does with packs: a branch that names what a power cut has taken is worse than a file that is built again.
        file.sync_all()?;
        Ok((temporary, checksum))
    }

    fn create(directory: &Path, stem: &str) -> io::Result<(Self, File)> {
        let mut number = 0_u32;
        loop {
            let path = directory.join(format!("{stem}_sovereign_{}_{number}", std::process::id()));
            match OpenOptions::new().write(true).create_new(true).mode(MODE).open(&path) {
                Ok(file) => return Ok((Self { path, is_installed: false }, file)),
                // Of a killed run, or of one on another machine.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(error),
            }
        }
    }

    fn install(mut self, path: &Path, sharing: Sharing) -> io::Result<()> {
        sharing.apply(&self.path)?;
        fs::rename(&self.path, path)?;
        self.is_installed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.is_installed {
            drop(fs::remove_file(&self.path));
        }
    }
}
