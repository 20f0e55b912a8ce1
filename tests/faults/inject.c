/* Runs a program and lets one of its system calls fail.
 *
 *   inject FAULT FOLDER LOG SECONDS PROGRAM [ARGUMENT...]
 *
 * FAULT is KIND:N:WHAT or KIND:N+:WHAT (from the N-th on), or `none`. Calls of a kind are counted from 1 when they are
 * about something below FOLDER. WHAT is an errno's number; `short`: half of the bytes are written; `hang`: the call does
 * not come back until LOG.release exists. A sync that fails with an errno loses what was written to the file since its last
 * one, as a disk does. Ends as the program does; with 124 when that takes longer than SECONDS.
 *
 * LOG gets `pid N` at the start, `wrote PATH` for each name anywhere that was opened for writing, made, renamed to or
 * removed, `socket DOMAIN`, `hit KIND PATH`, and at the end `count KIND N`.
 *
 * Works below the C library: calls are stopped by a seccomp filter and decided here by ptrace. x86-64 only. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How a call names its file: by the descriptor in its first argument, by a name, or not at all. */
enum how { BY_FD, BY_NAME, BY_NAME_AT, TO_NAME, TO_NAME_AT, NO_FILE };

static const struct call {
    long number;
    const char *kind;
    enum how how;
} calls[] = {
    {SYS_write, "write", BY_FD},
    {SYS_writev, "write", BY_FD},
    {SYS_pwrite64, "pwrite", BY_FD},
    {SYS_pwritev, "pwrite", BY_FD},
    {SYS_pwritev2, "pwritev2", BY_FD},
    {SYS_copy_file_range, "copy", NO_FILE},
    {SYS_sendfile, "copy", BY_FD},
    {SYS_fsync, "fsync", BY_FD},
    {SYS_fdatasync, "fdatasync", BY_FD},
    {SYS_sync_file_range, "sync_file_range", BY_FD},
    {SYS_ftruncate, "ftruncate", BY_FD},
    {SYS_fallocate, "fallocate", BY_FD},
    {SYS_flock, "flock", BY_FD},
    {SYS_open, "open", BY_NAME},
    {SYS_openat, "open", BY_NAME_AT},
    {SYS_mkdir, "mkdir", BY_NAME},
    {SYS_mkdirat, "mkdir", BY_NAME_AT},
    {SYS_unlink, "unlink", BY_NAME},
    {SYS_unlinkat, "unlink", BY_NAME_AT},
    {SYS_rename, "rename", TO_NAME},
    {SYS_renameat, "rename", TO_NAME_AT},
    {SYS_renameat2, "rename", TO_NAME_AT},
    {SYS_link, "link", TO_NAME},
    {SYS_linkat, "link", TO_NAME_AT},
    {SYS_socket, "socket", NO_FILE},
};
#define CALLS (sizeof calls / sizeof *calls)

static const char *folder, *fault_kind, *fault_what;
static long fault_from, fault_to, counts[CALLS];
static FILE *log_file;
static char release_name[PATH_MAX];
static pid_t program;

/* Bytes of a file that no sync has covered yet, and what was there before. */
struct piece {
    dev_t dev;
    ino_t ino;
    off_t from, length;
    char *before;
    struct piece *next;
};
static struct piece *unsynced;

/* A thread, and the call of it that is under way. */
struct thread {
    pid_t tid;
    int known, held, waits, fd;
    struct piece *covered;
    struct thread *next;
};
static struct thread *threads;

static void fail(const char *what) {
    fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
    exit(125);
}

static struct thread *thread_of(pid_t tid) {
    struct thread *t = threads;
    while (t && t->tid != tid) t = t->next;
    if (!t) {
        if (!(t = calloc(1, sizeof *t))) fail("memory");
        t->tid = tid, t->next = threads, threads = t;
    }
    return t;
}

static void child(char **command) {
    size_t n = 0;
    struct sock_filter filter[CALLS * 2 + 4];
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < CALLS; i++) {
        filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 1);
        filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | i);
    }
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog whole = {.len = n, .filter = filter};
    if (ptrace(PTRACE_TRACEME, 0, 0, 0)) fail("ptrace");
    raise(SIGSTOP);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole)) fail("seccomp");
    execvp(command[0], command);
    fail(command[0]);
}

static int read_text(pid_t tid, unsigned long long from, char *to) {
    size_t done = 0;
    while (done < PATH_MAX - 1) {
        /* Not across the end of a page, which may be the last one. */
        size_t room = 4096 - (from + done) % 4096;
        if (room > PATH_MAX - 1 - done) room = PATH_MAX - 1 - done;
        struct iovec here = {to + done, room}, there = {(void *)(from + done), room};
        ssize_t got = process_vm_readv(tid, &here, 1, &there, 1, 0);
        if (got <= 0) return 0;
        if (memchr(to + done, 0, got)) return 1;
        done += got;
    }
    return 0;
}

static int read_fd(pid_t tid, long fd, char *to) {
    char link[64];
    snprintf(link, sizeof link, "/proc/%d/fd/%ld", tid, fd);
    ssize_t n = readlink(link, to, PATH_MAX - 1);
    to[n < 0 ? 0 : n] = 0;
    return n >= 0;
}

/* The name that a call is about, absolute. */
static int name_of(pid_t tid, const struct call *call, const struct user_regs_struct *r, char *to) {
    char text[PATH_MAX], base[PATH_MAX] = "", whole[2 * PATH_MAX];
    long at = AT_FDCWD;
    unsigned long long name;
    switch (call->how) {
    case BY_FD: return read_fd(tid, (int)r->rdi, to);
    case BY_NAME: name = r->rdi; break;
    case BY_NAME_AT: at = (int)r->rdi, name = r->rsi; break;
    case TO_NAME: name = r->rsi; break;
    case TO_NAME_AT: at = (int)r->rdx, name = r->r10; break;
    default:
        if (call->number == SYS_copy_file_range) return read_fd(tid, (int)r->rdx, to);
        return 0;
    }
    if (!read_text(tid, name, text)) return 0;
    int fd;
    /* Opened again through /proc. */
    if (sscanf(text, "/proc/self/fd/%d", &fd) == 1) return read_fd(tid, fd, to);
    if (text[0] != '/') {
        if (at == AT_FDCWD) {
            char link[64];
            snprintf(link, sizeof link, "/proc/%d/cwd", tid);
            ssize_t n = readlink(link, base, PATH_MAX - 1);
            base[n < 0 ? 0 : n] = 0;
        } else if (!read_fd(tid, at, base)) {
            return 0;
        }
        strcat(base, "/");
    }
    snprintf(whole, sizeof whole, "%s%s", base, text);
    whole[PATH_MAX - 1] = 0;
    strcpy(to, whole);
    return 1;
}

static int writes(const struct call *call) {
    return !strcmp(call->kind, "write") || !strcmp(call->kind, "pwrite") || !strcmp(call->kind, "pwritev2");
}

/* Remembers what a write is about to change. */
static void note_write(pid_t tid, const struct call *call, const struct user_regs_struct *r) {
    char link[64], line[128];
    struct stat s;
    snprintf(link, sizeof link, "/proc/%d/fd/%d", tid, (int)r->rdi);
    if (stat(link, &s) || !S_ISREG(s.st_mode)) return;
    off_t from = r->r10, length = r->rdx;
    if (call->number == SYS_pwritev || call->number == SYS_pwritev2 || call->number == SYS_writev) {
        struct iovec part[16], here = {part, sizeof part}, there = {(void *)r->rsi, sizeof *part * (r->rdx < 16 ? r->rdx : 16)};
        ssize_t got = process_vm_readv(tid, &here, 1, &there, 1, 0);
        length = 0;
        for (ssize_t i = 0; i < got / (ssize_t)sizeof *part; i++) length += part[i].iov_len;
    }
    if (call->number == SYS_write || call->number == SYS_writev) {
        snprintf(link, sizeof link, "/proc/%d/fdinfo/%d", tid, (int)r->rdi);
        FILE *info = fopen(link, "r");
        unsigned flags = 0;
        from = 0;
        while (info && fgets(line, sizeof line, info)) {
            sscanf(line, "pos: %ld", &from);
            sscanf(line, "flags: %o", &flags);
        }
        if (info) fclose(info);
        if (flags & O_APPEND) from = s.st_size;
    }
    struct piece *p = calloc(1, sizeof *p);
    char *before = calloc(1, length + 1);
    if (!p || !before) fail("memory");
    snprintf(link, sizeof link, "/proc/%d/fd/%d", tid, (int)r->rdi);
    int there = open(link, O_RDONLY | O_CLOEXEC);
    /* Behind the end there are zeros. */
    if (there >= 0 && pread(there, before, length, from) < 0) memset(before, 0, length);
    if (there >= 0) close(there);
    *p = (struct piece){s.st_dev, s.st_ino, from, length, before, unsynced};
    unsynced = p;
}

/* Forgets what was written to the file behind a descriptor, the newest being `first`; when it is lost, what was there before is
 * there again. */
static void settle(pid_t tid, int fd, struct piece *first, int lost) {
    char link[64];
    struct stat s;
    snprintf(link, sizeof link, "/proc/%d/fd/%d", tid, fd);
    if (stat(link, &s)) return;
    int out = lost ? open(link, O_WRONLY | O_CLOEXEC) : -1, reached = 0;
    for (struct piece **at = &unsynced; *at;) {
        struct piece *p = *at;
        reached |= p == first;
        if (!reached || p->dev != s.st_dev || p->ino != s.st_ino) {
            at = &p->next;
            continue;
        }
        if (out >= 0 && pwrite(out, p->before, p->length, p->from) != p->length) fail("losing what was written");
        *at = p->next;
        /* Another thread's sync may have begun there. */
        for (struct thread *t = threads; t; t = t->next)
            if (t->covered == p) t->covered = p->next;
        free(p->before);
        free(p);
    }
    if (out >= 0) close(out);
}

static int is_sync(const struct call *call) {
    return !strcmp(call->kind, "fsync") || !strcmp(call->kind, "fdatasync");
}

static void tell_change(const struct call *call, const struct user_regs_struct *r, const char *name) {
    int changes = call->how != BY_FD;
    if (!strcmp(call->kind, "open")) {
        long flags = call->number == SYS_open ? r->rsi : r->rdx;
        changes = (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0;
    }
    if (changes) fprintf(log_file, "wrote %s\n", name);
}

static void shorten(pid_t tid, const struct call *call, struct user_regs_struct *r) {
    if (call->number == SYS_write || call->number == SYS_pwrite64) {
        if (r->rdx > 1) r->rdx /= 2;
    } else {
        /* The first part alone, halved where it lies: whoever goes on builds it anew. */
        struct iovec part, here = {&part, sizeof part}, there = {(void *)r->rsi, sizeof part};
        if (process_vm_readv(tid, &here, 1, &there, 1, 0) == sizeof part && part.iov_len > 1) {
            part.iov_len /= 2;
            process_vm_writev(tid, &here, 1, &there, 1, 0);
            r->rdx = 1;
        }
    }
    ptrace(PTRACE_SETREGS, tid, 0, r);
}

/* Decides about a call that a thread is about to make; resumes it unless it hangs. */
static void entered(pid_t tid, unsigned long index) {
    struct thread *t = thread_of(tid);
    const struct call *call = &calls[index];
    struct user_regs_struct r;
    char name[PATH_MAX] = "";
    if (ptrace(PTRACE_GETREGS, tid, 0, &r)) return;
    if (!strcmp(call->kind, "socket")) {
        fprintf(log_file, "socket %lld\n", r.rdi);
        ptrace(PTRACE_CONT, tid, 0, 0);
        return;
    }
    int named = name_of(tid, call, &r, name);
    size_t below = strlen(folder);
    if (named) tell_change(call, &r, name);
    if (!named || strncmp(name, folder, below) || (name[below] && name[below] != '/')) {
        ptrace(PTRACE_CONT, tid, 0, 0);
        return;
    }
    size_t kind = index;
    while (kind && !strcmp(calls[kind - 1].kind, call->kind)) kind--;
    long number = ++counts[kind];
    int hit = fault_kind && !strcmp(fault_kind, call->kind) && number >= fault_from && number <= fault_to;
    if (hit) {
        fprintf(log_file, "hit %s %s\n", call->kind, name);
        fflush(log_file);
    }
    if (hit && !strcmp(fault_what, "hang")) {
        t->held = 1;
        return;
    }
    if (hit && !strcmp(fault_what, "short")) {
        shorten(tid, call, &r);
    } else if (hit) {
        int error = atoi(fault_what);
        if (error != EINTR && (is_sync(call) || !strcmp(call->kind, "sync_file_range")))
            settle(tid, (int)r.rdi, unsynced, 1);
        r.orig_rax = -1;
        r.rax = -error;
        ptrace(PTRACE_SETREGS, tid, 0, &r);
        ptrace(PTRACE_CONT, tid, 0, 0);
        return;
    }
    if (writes(call)) note_write(tid, call, &r);
    if (is_sync(call)) {
        t->waits = 1, t->fd = (int)r.rdi, t->covered = unsynced;
        ptrace(PTRACE_SYSCALL, tid, 0, 0);
        return;
    }
    ptrace(PTRACE_CONT, tid, 0, 0);
}

/* A sync has come back. */
static void left(pid_t tid) {
    struct thread *t = thread_of(tid);
    struct user_regs_struct r;
    if (t->waits && t->covered && !ptrace(PTRACE_GETREGS, tid, 0, &r) && r.rax == 0) settle(tid, t->fd, t->covered, 0);
    t->waits = 0, t->covered = NULL;
    ptrace(PTRACE_CONT, tid, 0, 0);
}

static void let_go(void) {
    if (access(release_name, F_OK)) return;
    for (struct thread *t = threads; t; t = t->next)
        if (t->held) t->held = 0, ptrace(PTRACE_CONT, t->tid, 0, 0);
}

static int finish(int status) {
    for (size_t i = 0; i < CALLS; i++)
        if (counts[i]) fprintf(log_file, "count %s %ld\n", calls[i].kind, counts[i]);
    fclose(log_file);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void nothing(int signal) { (void)signal; }

static int follow(double seconds) {
    struct timespec begun, now;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    for (;;) {
        int status;
        pid_t tid = waitpid(-1, &status, __WALL);
        let_go();
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec - begun.tv_sec > seconds) {
            kill(program, SIGKILL);
            fprintf(log_file, "timeout\n");
            fclose(log_file);
            return 124;
        }
        if (tid < 0) continue;
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (tid == program) return finish(status);
            continue;
        }
        int event = status >> 16, signal = WSTOPSIG(status);
        struct thread *t = thread_of(tid);
        if (event == PTRACE_EVENT_SECCOMP) {
            unsigned long index = 0;
            ptrace(PTRACE_GETEVENTMSG, tid, 0, &index);
            entered(tid, index);
        } else if (event) {
            ptrace(PTRACE_CONT, tid, 0, 0);
        } else if (signal == (SIGTRAP | 0x80)) {
            left(tid);
        } else if (signal == SIGSTOP && !t->known) {
            /* How a new thread begins. */
            t->known = 1;
            ptrace(PTRACE_CONT, tid, 0, 0);
        } else {
            ptrace(t->waits ? PTRACE_SYSCALL : PTRACE_CONT, tid, 0, signal);
        }
    }
}

int main(int argc, char **argv) {
    if (argc < 6) return fprintf(stderr, "usage: inject FAULT FOLDER LOG SECONDS PROGRAM [ARGUMENT...]\n"), 125;
    if (strcmp(argv[1], "none")) {
        char *number, *what;
        fault_kind = strtok(argv[1], ":"), number = strtok(NULL, ":"), what = strtok(NULL, ":");
        if (!number || !what) return fprintf(stderr, "inject: KIND:N:WHAT\n"), 125;
        char *end;
        fault_from = strtol(number, &end, 10);
        fault_to = *end == '+' ? LONG_MAX : fault_from, fault_what = what;
    }
    folder = argv[2];
    if (!(log_file = fopen(argv[3], "we"))) fail(argv[3]);
    snprintf(release_name, sizeof release_name, "%s.release", argv[3]);
    signal(SIGINT, SIG_IGN);
    if (!(program = fork())) {
        signal(SIGINT, SIG_DFL);
        child(argv + 5);
    }
    int status;
    if (program < 0 || waitpid(program, &status, 0) != program || !WIFSTOPPED(status)) fail("no child");
    thread_of(program)->known = 1;
    long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                   PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SETOPTIONS, program, 0, options)) fail("ptrace");
    fprintf(log_file, "pid %d\n", program);
    fflush(log_file);
    struct sigaction wake = {.sa_handler = nothing};
    struct itimerval often = {{0, 50000}, {0, 50000}};
    sigaction(SIGALRM, &wake, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    ptrace(PTRACE_CONT, program, 0, 0);
    return follow(atof(argv[4]));
}
