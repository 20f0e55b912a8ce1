//! Outputs that cannot be synced, and file systems that do not tell how much is free.

use super::*;

/// A library that makes fsync and fdatasync fail with the number in FSYNC, and says of file systems that they have no blocks
/// where BLOCKS is set; below the folder FOLDER alone.
const LIBRARY: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
static int here(int fd) {
    char link[64], name[4096]; struct stat s;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, name, sizeof name - 1);
    if (n < 0) return 0;
    name[n] = 0;
    if (strncmp(name, getenv("FOLDER"), strlen(getenv("FOLDER"))) || fstat(fd, &s) || !S_ISREG(s.st_mode)) return 0;
    return 1;
}
static int fails(int fd) {
    const char *number = getenv("FSYNC");
    if (!number || !here(fd)) return 0;
    errno = atoi(number);
    return 1;
}
int fsync(int fd) { int (*real)(int) = dlsym(RTLD_NEXT, "fsync"); return fails(fd) ? -1 : real(fd); }
int fdatasync(int fd) { int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync"); return fails(fd) ? -1 : real(fd); }
static void told(unsigned long *a, unsigned long *b, unsigned long *c) { if (getenv("BLOCKS")) *a = *b = *c = 0; }
int statvfs(const char *p, struct statvfs *s) {
    int (*real)(const char *, struct statvfs *) = dlsym(RTLD_NEXT, "statvfs"); int r = real(p, s);
    told(&s->f_blocks, &s->f_bfree, &s->f_bavail); return r;
}
int statvfs64(const char *p, struct statvfs64 *s) {
    int (*real)(const char *, struct statvfs64 *) = dlsym(RTLD_NEXT, "statvfs64"); int r = real(p, s);
    told(&s->f_blocks, &s->f_bfree, &s->f_bavail); return r;
}
"#;

/// Sweeps a disc with that library and these variables.
fn sweep(disc: &Disc, variables: &[(&str, &str)]) -> Option<Told> {
    program("cc")?;
    let (code, library) = (disc.bench.path("fail.c"), disc.bench.path("fail.so"));
    fs::write(&code, LIBRARY).unwrap();
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&code).arg("-ldl");
    let built = finish(&mut cc);
    assert_eq!(built.code, Some(0), "{built:?}");
    let mut command = support::freemkv();
    command.args(["sweep", &disc.bench.drive("bd", "")]).arg(disc.bench.out()).arg("--json");
    command.env("LD_PRELOAD", library).env("FOLDER", disc.bench.folder.path()).envs(variables.iter().copied());
    Some(Told::of(finish(&mut command)))
}

#[test]
fn a_file_system_without_syncs_is_written_and_told() {
    for number in [libc::EINVAL, libc::ENOSYS, libc::EOPNOTSUPP] {
        let disc = Disc::new(6400, "bd", "");
        let Some(told) = sweep(&disc, &[("FSYNC", &number.to_string())]) else { return };
        assert_eq!(told.ends(0).report["durable"], false);
        assert!(disc.bench.is_whole());
    }
    let disc = Disc::new(640, "bd", "");
    let Some(told) = sweep(&disc, &[]) else { return };
    assert_eq!(told.ends(0).report["durable"], true);
}

#[test]
fn an_error_of_the_disk_is_final() {
    let disc = Disc::new(6400, "bd", "");
    let Some(told) = sweep(&disc, &[("FSYNC", &libc::EIO.to_string())]) else { return };
    told.ends(1);
}

#[test]
fn a_file_system_that_says_it_has_no_blocks_does_not_tell() {
    let disc = Disc::new(640, "bd", "");
    let Some(told) = sweep(&disc, &[("BLOCKS", "0")]) else { return };
    told.ends(0);
    assert!(disc.bench.is_whole());
}
