//! What is kept beside a large tree: its spare and its record.

use super::*;

const LARGE: Options = Options { overwrite: false, fleet: 1 };

impl Disk {
    fn workshop(&self, name: &str) -> PathBuf {
        self.out().join("clusters/.sovereign").join(name)
    }

    /// The spare holds the very files of the tree, but for the lock, and nothing else.
    #[track_caller]
    fn spare_is_level(&self) {
        let files = |root: &Path| -> BTreeMap<PathBuf, u64> {
            let below = |path: &PathBuf| path.strip_prefix(root).ok().map(Path::to_path_buf);
            let picture = self.picture();
            picture
                .iter()
                .filter_map(|(path, found)| Some((below(path)?, found)))
                .map(|(path, found)| {
                    let is_directory = found.0 & 0o170_000 == 0o040_000;
                    (path, if is_directory { 0 } else { found.1 })
                })
                .collect()
        };
        let mut target = files(&self.at("").components().collect::<PathBuf>());
        assert!(target.remove(Path::new(LOCK)).is_some());
        assert_eq!(files(&self.workshop("x.y.new")), target);
    }
}

#[test]
fn the_spare_holds_the_same_files() {
    for swap in [Swap::Exchange, Swap::Renames] {
        let disk = Disk::new();
        apply_by(&first(), disk.out(), LARGE, swap).unwrap();
        disk.spare_is_level();
        let kept = fs::metadata(disk.at("z.yaml")).unwrap();
        assert_eq!(kept.nlink(), 2);
        apply_by(&second(), disk.out(), LARGE, swap).unwrap();
        disk.spare_is_level();
        assert_eq!(fs::metadata(disk.at("z.yaml")).unwrap().ino(), kept.ino());
        assert_eq!(disk.text("n/n.yaml"), "n: 2\n");
        assert!(!disk.at("a/b").exists());

        // A foreign file comes along, and what is no file too.
        disk.put("own/deep/x", "mine");
        disk.put("a/mine", "mine");
        symlink("nowhere", disk.at("a/dangling")).unwrap();
        fs::create_dir_all(disk.at("empty/inside")).unwrap();
        for tree in [first(), second(), first()] {
            apply_by(&tree, disk.out(), LARGE, swap).unwrap();
            assert_eq!((disk.text("own/deep/x"), disk.text("a/mine")), ("mine".into(), "mine".into()));
            assert_eq!(fs::read_link(disk.at("a/dangling")).unwrap(), Path::new("nowhere"));
            assert!(disk.at("empty/inside").is_dir());
            for (path, text) in tree.files() {
                assert_eq!(disk.text(path.as_str()), *text, "{path}");
            }
        }
    }
}

#[test]
fn a_spare_that_is_none_is_made_anew() {
    let disk = Disk::new();
    disk.apply(&first(), LARGE).unwrap();
    let spare = disk.workshop("x.y.new");
    let spoil: [&dyn Fn(); 5] = [
        &|| fs::remove_dir_all(&spare).unwrap(),
        &|| {
            fs::remove_dir_all(&spare).unwrap();
            symlink(disk.out(), &spare).unwrap();
        },
        &|| {
            fs::remove_dir_all(spare.join("a")).unwrap();
            symlink(disk.out(), spare.join("a")).unwrap();
        },
        &|| {
            fs::create_dir_all(spare.join("a/deep/er")).unwrap();
            fs::write(spare.join("a/deep/er/x"), "x").unwrap();
            fs::set_permissions(spare.join("a/deep"), Permissions::from_mode(0o500)).unwrap();
        },
        &|| {
            fs::remove_file(spare.join("z.yaml")).unwrap();
            fs::create_dir(spare.join("z.yaml")).unwrap();
            fs::remove_file(spare.join("README.md")).unwrap();
            fs::write(spare.join("README.md"), "one\n").unwrap();
        },
    ];
    fs::write(disk.out().join("outside"), "outside").unwrap();
    for (spoil, tree) in spoil.into_iter().zip([second(), first()].iter().cycle()) {
        spoil();
        disk.apply(tree, LARGE).unwrap();
        disk.spare_is_level();
        let texts = tree.files().keys().map(|path| disk.text(path.as_str()));
        assert!(texts.eq(tree.files().values().cloned()));
        assert_eq!(fs::read_to_string(disk.out().join("outside")).unwrap(), "outside");
    }
}

#[test]
fn a_workshop_that_is_no_directory_is_refused() {
    let disk = Disk::with_first();
    let elsewhere = tempfile::tempdir().unwrap();
    let workshop = disk.out().join("clusters/.sovereign");
    symlink(elsewhere.path(), &workshop).unwrap();
    disk.obstructed(&second(), &workshop);
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn a_record_that_is_none_is_not_believed() {
    let disk = Disk::new();
    let (root, path) = (TreePath::new("clusters/x.y").unwrap(), disk.workshop("x.y.record"));
    disk.apply(&first(), LARGE).unwrap();
    let record = fs::read(&path).unwrap();
    assert!(Memory::of(&root, disk.out()).is_some_and(|memory| memory.record().is_some()));
    for length in [0, 5, 19, 40, record.len() / 2, record.len() - 1] {
        fs::write(&path, &record[..length]).unwrap();
        let memory = Memory::of(&root, disk.out()).unwrap();
        assert_eq!(memory.record(), None, "{length} bytes");
    }
    fs::remove_file(&path).unwrap();
    symlink("/dev/zero", &path).unwrap();
    assert!(Memory::of(&root, disk.out()).is_none());
    fs::remove_file(&path).unwrap();
    let made = Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success() && Memory::of(&root, disk.out()).is_none());
    // The next run puts one in its place.
    disk.apply(&second(), LARGE).unwrap();
    assert!(Memory::of(&root, disk.out()).is_some_and(|memory| memory.record().is_some()));
}

#[test]
#[cfg(target_os = "linux")]
fn directories_that_forbid_writing_keep_their_modes() {
    let disk = Disk::new();
    disk.apply(&first(), LARGE).unwrap();
    fs::set_permissions(disk.at("a"), Permissions::from_mode(0o555)).unwrap();
    std::thread::scope(|scope| {
        let bound = scope.spawn(|| {
            lose_privileges();
            for tree in [second(), first(), second()] {
                disk.apply(&tree, LARGE).unwrap();
                disk.spare_is_level();
                assert_eq!(fs::metadata(disk.at("a")).unwrap().mode() & 0o777, 0o555);
            }
        });
        bound.join().unwrap();
    });
}
