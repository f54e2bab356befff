//! What is kept beside a large tree: its spare and its record.

use super::super::{Held, InstallPlan, Installer, LockIndex, Memory, Sides, Wanted, lock};
use super::*;
use sovereign_compile::build_cache::{OrganizationFile, Origins, Partial, Standing};
use sovereign_compile::plan::Facts;

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
        // The spare is the directory that was put aside, and none was.
        assert!(!disk.out().join("clusters/.sovereign").exists());
        let kept = fs::metadata(disk.at("z.yaml")).unwrap();
        assert_eq!(kept.nlink(), 1);
        apply_by(&second(), disk.out(), LARGE, swap).unwrap();
        disk.spare_is_level();
        let stands = fs::metadata(disk.at("z.yaml")).unwrap();
        assert_eq!((stands.ino(), stands.nlink()), (kept.ino(), 2));
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
    disk.apply(&second(), LARGE).unwrap();
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
    for (spoil, tree) in spoil.into_iter().zip([first(), second()].iter().cycle()) {
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

/// Brings a tree to disk with a record of it; `meanwhile` happens between the look at the disk and the rest.
fn remembered(disk: &Disk, files: &[(&str, &str)], meanwhile: impl Fn()) -> Result<Applied, WriteError> {
    let origin = Origin {
        input: Digest::hash(b"i"),
        kit: ("2026.05".into(), Digest::hash(b"k")),
        compiler: "sovereign 0.1.0".into(),
        regions: Vec::new(),
    };
    let texts =
        files.iter().map(|(path, text)| (TreePath::new(*path).unwrap(), (*text).to_owned())).collect();
    let tree = Partial::new(root(), texts, Standing::new(), &origin);
    let origins = Origins { context: Some(Digest::hash(b"c")), ..Origins::default() };
    let held = Held::hold(&root(), disk.out(), LARGE).unwrap();
    let memory = held.memory();
    let record = memory.as_ref().and_then(Memory::record);
    let known = record.as_ref().and_then(|record| held.known(record));
    meanwhile();
    held.bring(&tree, known.as_ref(), origins)
}

fn root() -> TreePath {
    TreePath::new("clusters/x.y").unwrap()
}

/// Returns whether there is a record that can be read.
fn is_remembered(disk: &Disk) -> bool {
    Memory::new(&disk.workshop("x.y.record"), 5).is_some_and(|memory| memory.record().is_some())
}

const FILES: [(&str, &str); 3] = [("README.md", "one\n"), ("a/d.yaml", "d: 1\n"), ("z.yaml", "z: 1\n")];

#[test]
fn a_record_that_is_none_is_not_believed() {
    let disk = Disk::new();
    let path = disk.workshop("x.y.record");
    remembered(&disk, &FILES, || {}).unwrap();
    assert!(is_remembered(&disk));
    let record = fs::read(&path).unwrap();
    for length in [0, 5, 19, 40, record.len() / 2, record.len() - 1] {
        fs::write(&path, &record[..length]).unwrap();
        assert!(!is_remembered(&disk), "{length} bytes");
    }
    // Larger than that of any tree with so few files.
    File::create(&path).unwrap().set_len(2 << 20).unwrap();
    assert!(Memory::new(&path, 5).is_none() && Memory::new(&path, 10_000).is_some());
    fs::remove_file(&path).unwrap();
    symlink("/dev/zero", &path).unwrap();
    assert!(Memory::new(&path, 5).is_none());
    fs::remove_file(&path).unwrap();
    let made = Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success() && Memory::new(&path, 5).is_none());
    fs::remove_file(&path).unwrap();
    fs::create_dir_all(path.join("deep")).unwrap();
    assert!(Memory::new(&path, 5).is_none());
    // The next run puts one in its place, at the latest after one that could not.
    for text in ["two\n", "three\n"] {
        remembered(&disk, &[("README.md", text), FILES[1], FILES[2]], || {}).unwrap();
    }
    assert!(is_remembered(&disk));
}

/// What a record says of an Organization counts only if files of it stand there with the marks that are remembered: a
/// repository may bring a forged one along.
#[test]
fn nothing_is_believed_of_an_organization_without_files() {
    let disk = Disk::new();
    remembered(&disk, &[FILES[0], ("r/tenants/000/acme.quota.yaml", "q: 1\n")], || {}).unwrap();
    let held = Held::hold(&root(), disk.out(), LARGE).unwrap();
    let memory = held.memory().unwrap();
    let mut record = memory.record().unwrap();
    let (context, text) = (Digest::hash(b"c"), Digest::hash(b"t"));
    for slug in ["acme", "beta"] {
        let facts = Facts {
            slug: (slug.into(), (0, 0)),
            parent: None,
            has_vcluster: false,
            regions: vec![],
            envs: "".into(),
            client_secret: None,
            hosts: vec![],
            public: None,
            standbys: vec![],
            objects: 0,
        };
        record.origins.organizations.insert(slug.into(), OrganizationFile { text, said: text, facts });
    }
    let known = held.known(&record).unwrap();
    assert!(known.settled(context, "acme", text).is_some());
    assert!(known.settled(context, "acme", context).is_none() && known.settled(text, "acme", text).is_none());
    assert!(known.settled(context, "beta", text).is_none());
    let mut forged = record.clone();
    forged.directories.get_mut("r/tenants/000").unwrap()[0].mark = None;
    assert!(held.known(&forged).unwrap().settled(context, "acme", text).is_none());
    forged.device += 1;
    assert!(held.known(&forged).is_none());
}

/// What was written or linked by us has a mark at once; what was read shortly after somebody had changed it has none.
#[test]
fn files_bear_the_marks_that_are_remembered() {
    let disk = Disk::new();
    remembered(&disk, &FILES, || {}).unwrap();
    let unmarked = || {
        let memory = Memory::new(&disk.workshop("x.y.record"), 5).unwrap();
        let record = memory.record().unwrap();
        let held = Held::hold(&root(), disk.out(), LARGE).unwrap();
        let known = held.known(&record).unwrap();
        let files = record.directories.values().flatten().filter(|file| file.mark.is_none());
        (files.map(|file| file.name.to_owned()).collect::<Vec<_>>(), known.touched.len())
    };
    assert_eq!(unmarked(), (vec![], 0));
    remembered(&disk, &[("README.md", "two\n"), FILES[1], FILES[2]], || {}).unwrap();
    assert_eq!(unmarked(), (vec![], 0));
    disk.put("a/d.yaml", "d: 1\n");
    remembered(&disk, &[("README.md", "three\n"), FILES[1], FILES[2]], || {}).unwrap();
    assert_eq!(unmarked(), (vec!["d.yaml".to_owned()], 1));
}

/// A hand that puts something into the tree between the look and the swap loses nothing: the run gives way.
#[test]
fn a_hand_between_look_and_swap_is_not_lost() {
    let edits: [fn(&Disk); 3] = [
        |disk| disk.put("a/mine", "mine"),
        |disk| fs::remove_file(disk.at("a/d.yaml")).unwrap(),
        |disk| {
            fs::write(disk.at("new"), "z: 1\n").unwrap();
            fs::rename(disk.at("new"), disk.at("z.yaml")).unwrap();
        },
    ];
    for (edit, place) in edits.into_iter().zip(["a", "a/d.yaml", ""]) {
        let disk = Disk::new();
        disk.apply(&first(), LARGE).unwrap();
        let next = tree(&[("README.md", "two\n"), ("a/d.yaml", "d: 1\n"), ("z.yaml", "z: 1\n")]);
        let held = Held::hold(&root(), disk.out(), LARGE).unwrap();
        edit(&disk);
        let before = disk.picture();
        let error = held.bring_by(&Wanted::whole(&next), None, Swap::Exchange, None).unwrap_err();
        let WriteError::Disturbed { path } = error else { panic!("{error:?}") };
        assert_eq!(path, disk.at(place).components().collect::<PathBuf>());
        let of_target = |picture: BTreeMap<PathBuf, _>| -> Vec<_> {
            picture.into_iter().filter(|(path, _)| path.starts_with(disk.at(""))).collect()
        };
        assert_eq!(of_target(disk.picture()), of_target(before));
    }
}

/// The same of an edit in place of a file that is about to be replaced, once it has been read.
#[test]
fn an_edit_between_reading_and_swap_is_not_lost() {
    let disk = Disk::new();
    disk.apply(&first(), LARGE).unwrap();
    let held = Held::hold(&root(), disk.out(), LARGE).unwrap();
    let (target, next, lock) =
        (&held.place.target, second(), lock(&held.disk, &held.place.target, &held.place.target));
    let (wanted, old) = (&Wanted::whole(&next), &LockIndex::new(lock.as_ref().unwrap()));
    let plan = InstallPlan::new(&Sides { wanted, disk: &held.disk, base: target, target, old, record: None })
        .unwrap();
    fs::write(disk.at("a/d.yaml"), "d: mine\n").unwrap();
    let workshop =
        Installer { place: &held.place, wanted, disk: &held.disk, plan: &plan, record: None, is_fleet: true };
    let Err(WriteError::Disturbed { path }) = workshop.carry_out(Swap::Exchange, None) else {
        panic!("not disturbed")
    };
    assert_eq!((path, disk.text("a/d.yaml")), (disk.at("a/d.yaml"), "d: mine\n".to_owned()));
}

#[test]
fn a_spare_as_deep_as_can_be_goes() {
    let disk = Disk::new();
    disk.apply(&second(), LARGE).unwrap();
    disk.apply(&first(), LARGE).unwrap();
    let mut deep = disk.workshop("x.y.new");
    // More than a process may have open, where it may have a thousand.
    let mut made = rustix::fs::open(&deep, rustix::fs::OFlags::DIRECTORY, rustix::fs::Mode::empty()).unwrap();
    for _ in 0..3000 {
        rustix::fs::mkdirat(&made, "d", rustix::fs::Mode::RWXU).unwrap();
        made =
            rustix::fs::openat(&made, "d", rustix::fs::OFlags::DIRECTORY, rustix::fs::Mode::empty()).unwrap();
        deep.push("d");
    }
    disk.apply(&second(), LARGE).unwrap();
    disk.spare_is_level();
}

#[test]
#[cfg(target_os = "linux")]
fn a_root_that_forbids_writing_keeps_its_mode() {
    for options in [GENTLE, LARGE] {
        let disk = Disk::new();
        disk.apply(&first(), options).unwrap();
        fs::set_permissions(disk.at(""), Permissions::from_mode(0o555)).unwrap();
        std::thread::scope(|scope| {
            let bound = scope.spawn(|| {
                lose_privileges();
                for tree in [second(), first()] {
                    disk.apply(&tree, options).unwrap();
                    assert_eq!(fs::metadata(disk.at("")).unwrap().mode() & 0o777, 0o555);
                }
            });
            bound.join().unwrap();
        });
    }
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
