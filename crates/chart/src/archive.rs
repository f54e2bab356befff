//! A packed chart: a gzipped tar archive with one directory in it.

use std::io::Read as _;

use flate2::read::MultiGzDecoder;

use crate::error::ReadError;
use crate::files::{Files, LONGEST_FILE};

/// Returns the files of a packed chart, below the one directory that it holds. Links and devices are left out, as Helm
/// leaves them out.
///
/// # Errors
/// The bytes are no such archive, a path leaves the chart, or there is more in it than a chart has.
pub(crate) fn unpack(bytes: &[u8]) -> Result<Files, ReadError> {
    let mut files = Files::new();
    // What a hostile archive unpacks to is not known before it is unpacked: one byte more than may be is enough to know.
    let most = u64::try_from(files.room()).unwrap_or(u64::MAX);
    let mut archive = tar::Archive::new(MultiGzDecoder::new(bytes).take(most.saturating_mul(2)));
    for entry in archive.entries().map_err(ReadError::Archive)? {
        let mut entry = entry.map_err(ReadError::Archive)?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = entry.path_bytes().into_owned();
        let path = String::from_utf8(path)
            .map_err(|error| ReadError::Path(String::from_utf8_lossy(error.as_bytes()).into_owned()))?;
        let mut content = Vec::new();
        let longest = u64::try_from(LONGEST_FILE.min(files.room())).unwrap_or(u64::MAX);
        entry
            .by_ref()
            .take(longest.saturating_add(1))
            .read_to_end(&mut content)
            .map_err(ReadError::Archive)?;
        // Everything stands in one directory, whose name is nothing that can be relied on.
        if let Some((directory, inner)) = path.trim_start_matches("./").split_once('/') {
            if directory == ".." || path.starts_with('/') {
                return Err(ReadError::Path(path));
            }
            files.insert(inner, content)?;
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    /// Returns a packed chart of these files. Paths are written as they are, right or wrong.
    fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (path, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.as_gnu_mut().expect("GNU").name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            tar.append(&header, *bytes).expect("appended");
        }
        tar.into_inner().expect("a tar").finish().expect("a gzip")
    }

    #[test]
    fn files_stand_below_the_directory_of_the_chart() {
        let files = unpack(&packed(&[("web/Chart.yaml", b"name: web"), ("web/templates/a.yaml", b"x")]));
        assert_eq!(
            files.expect("files").iter().collect::<Vec<_>>(),
            [("Chart.yaml", b"name: web".as_slice()), ("templates/a.yaml", b"x".as_slice())]
        );
    }

    #[test]
    fn nothing_is_read_outside_of_the_chart() {
        for path in ["web/../../etc/passwd", "/etc/passwd", "../web/Chart.yaml"] {
            assert!(matches!(unpack(&packed(&[(path, b"x")])), Err(ReadError::Path(_))), "{path}");
        }
    }

    #[test]
    fn a_bomb_is_refused_before_it_is_unpacked() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        let mut header = tar::Header::new_gnu();
        header.set_path("web/values.yaml").expect("a path");
        header.set_size(1 << 40);
        header.set_mode(0o644);
        header.set_cksum();
        gzip.write_all(header.as_bytes()).expect("written");
        for _ in 0..64 {
            gzip.write_all(&vec![b' '; 1024 * 1024]).expect("written");
        }
        let bomb = gzip.finish().expect("a gzip");
        assert!(bomb.len() < 200 * 1024);
        assert!(matches!(unpack(&bomb), Err(ReadError::TooLarge("bytes"))));
    }

    #[test]
    fn other_bytes_are_no_archive() {
        assert!(matches!(unpack(b"not a chart"), Err(ReadError::Archive(_))));
    }
}
