/* A file system in trouble: stuck_fs FOLDER MOUNT [FUSE OPTION...]
 *
 * It shows FOLDER. While FOLDER.stuck exists, writes and syncs are not answered; while FOLDER.broken does, they fail. Needs
 * libfuse 3. */
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[PATH_MAX], stuck[PATH_MAX], broken[PATH_MAX];

static int answer(long result) { return result < 0 ? -errno : (int)result; }

static const char *below(const char *path, char *to) {
    snprintf(to, PATH_MAX, "%s%s", folder, path);
    return to;
}

static int works(void) {
    while (!access(stuck, F_OK)) usleep(20000);
    return access(broken, F_OK) != 0;
}

static int look(const char *path, struct stat *s, struct fuse_file_info *info) {
    char here[PATH_MAX];
    (void)info;
    return answer(lstat(below(path, here), s));
}

static int make(const char *path, mode_t mode, struct fuse_file_info *info) {
    char here[PATH_MAX];
    int fd = open(below(path, here), (info->flags & ~O_DIRECT) | O_CREAT, mode);
    if (fd < 0) return -errno;
    info->fh = fd;
    return 0;
}

static int start(const char *path, struct fuse_file_info *info) {
    char here[PATH_MAX];
    int fd = open(below(path, here), info->flags & ~O_DIRECT);
    if (fd < 0) return -errno;
    info->fh = fd;
    return 0;
}

static int get(const char *path, char *to, size_t size, off_t at, struct fuse_file_info *info) {
    (void)path;
    return answer(pread(info->fh, to, size, at));
}

static int put(const char *path, const char *from, size_t size, off_t at, struct fuse_file_info *info) {
    (void)path;
    if (!works()) return -EIO;
    return answer(pwrite(info->fh, from, size, at));
}

static int sync_it(const char *path, int data, struct fuse_file_info *info) {
    (void)path, (void)data;
    if (!works()) return -EIO;
    return answer(fsync(info->fh));
}

static int end(const char *path, struct fuse_file_info *info) {
    (void)path;
    return answer(close(info->fh));
}

static int cut(const char *path, off_t length, struct fuse_file_info *info) {
    char here[PATH_MAX];
    (void)info;
    return answer(truncate(below(path, here), length));
}

static int move(const char *from, const char *to, unsigned flags) {
    char a[PATH_MAX], b[PATH_MAX];
    return answer(renameat2(AT_FDCWD, below(from, a), AT_FDCWD, below(to, b), flags));
}

static int take_away(const char *path) {
    char here[PATH_MAX];
    return answer(unlink(below(path, here)));
}

static int make_folder(const char *path, mode_t mode) {
    char here[PATH_MAX];
    return answer(mkdir(below(path, here), mode));
}

static int list(const char *path, void *to, fuse_fill_dir_t fill, off_t at, struct fuse_file_info *info, enum fuse_readdir_flags f) {
    char here[PATH_MAX];
    DIR *open = opendir(below(path, here));
    (void)at, (void)info, (void)f;
    if (!open) return -errno;
    for (struct dirent *entry; (entry = readdir(open));) fill(to, entry->d_name, NULL, 0, 0);
    closedir(open);
    return 0;
}

static const struct fuse_operations operations = {
    .getattr = look, .create = make, .open = start, .read = get, .write = put, .fsync = sync_it, .release = end,
    .truncate = cut, .rename = move, .unlink = take_away, .readdir = list, .mkdir = make_folder,
};

int main(int argc, char **argv) {
    if (argc < 3 || !realpath(argv[1], folder)) return 1;
    snprintf(stuck, sizeof stuck, "%.*s.stuck", PATH_MAX - 8, folder);
    snprintf(broken, sizeof broken, "%.*s.broken", PATH_MAX - 8, folder);
    argv[1] = argv[0];
    return fuse_main(argc - 1, argv + 1, &operations, NULL);
}
