#define _GNU_SOURCE
#include "csystem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

_Static_assert(LOCK_SH == 1 && LOCK_EX == 2 && LOCK_NB == 4 && LOCK_UN == 8, "flock operations");

int holdfast_open(const char *path, int flags, mode_t mode) {
  int fd;
  do {
    fd = open(path, flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

int holdfast_birth(const char *path, unsigned long long birth[3]) {
  struct statx status;
  const unsigned wanted = STATX_INO | STATX_BTIME;
  if (statx(AT_FDCWD, path, 0, wanted, &status) != 0) return -1;
  birth[0] = status.stx_ino;
  bool knows = (status.stx_mask & STATX_BTIME) != 0;
  birth[1] = knows ? (unsigned long long)status.stx_btime.tv_sec : 0;
  birth[2] = knows ? status.stx_btime.tv_nsec : 0;
  return 0;
}

bool holdfast_has_room(const char *folder, size_t bytes) {
  const int file = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return errno != ENOSPC && errno != EDQUOT;
  const int failure = posix_fallocate(file, 0, (off_t)bytes);
  close(file);
  return failure != ENOSPC && failure != EDQUOT;
}

int holdfast_flock(int fd, int operation) {
  int result;
  do {
    result = flock(fd, operation);
  } while (result < 0 && errno == EINTR);
  return result;
}

bool holdfast_is_terminal(int fd) { return isatty(fd) == 1; }

int holdfast_terminal_width(int fd) {
  struct winsize size;
  memset(&size, 0, sizeof size);
  return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void holdfast_ignore_sigpipe(void) { signal(SIGPIPE, SIG_IGN); }

void holdfast_keep_freed_memory(void) { mallopt(M_TRIM_THRESHOLD, 8 << 20); }

void holdfast_give_back_memory(void) { malloc_trim(8 << 20); }

int holdfast_reserve_standard_descriptors(void) {
  for (int wanted = 0; wanted <= 2; wanted++) {
    if (fcntl(wanted, F_GETFD) >= 0 || errno != EBADF) continue;
    // Descriptors are given out from the lowest, and those below `wanted` are open.
    if (open("/dev/null", wanted == 0 ? O_RDONLY : O_WRONLY) != wanted) return -1;
  }
  return 0;
}

int holdfast_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int holdfast_watch_open(void) { return epoll_create1(EPOLL_CLOEXEC); }

int holdfast_watch_add(int watch, int fd, uint64_t name) {
  struct epoll_event event = {.events = EPOLLRDHUP | EPOLLONESHOT, .data.u64 = name};
  return epoll_ctl(watch, EPOLL_CTL_ADD, fd, &event);
}

void holdfast_watch_remove(int watch, int fd) { epoll_ctl(watch, EPOLL_CTL_DEL, fd, NULL); }

int holdfast_watch_wait(int watch, uint64_t *names, int count) {
  struct epoll_event events[64];
  if (count > 64) count = 64;
  int found;
  do {
    found = epoll_wait(watch, events, count, -1);
  } while (found < 0 && errno == EINTR);
  for (int i = 0; i < found; i++) names[i] = events[i].data.u64;
  return found;
}

int holdfast_wait(pid_t child) {
  int status;
  pid_t result;
  do {
    result = waitpid(child, &status, 0);
  } while (result < 0 && errno == EINTR);
  if (result < 0) return -1;
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : -1;
}

int holdfast_spawn_in(void *actions, const char *folder) {
  return posix_spawn_file_actions_addchdir_np(actions, folder);
}

char **holdfast_environment(void) { return environ; }

char *holdfast_home_folder(void) {
  struct passwd entry;
  struct passwd *found = NULL;
  char buffer[16384];
  if (getpwuid_r(getuid(), &entry, buffer, sizeof buffer, &found) != 0 || found == NULL) return NULL;
  return found->pw_dir == NULL ? NULL : strdup(found->pw_dir);
}

int holdfast_address_family(const char *text) {
  unsigned char address[16];
  if (inet_pton(AF_INET, text, address) == 1) return 4;
  return inet_pton(AF_INET6, text, address) == 1 ? 6 : 0;
}

bool holdfast_is_loopback(const char *host) {
  unsigned char address[16];
  static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
  if (strcasecmp(host, "localhost") == 0) return true;
  if (inet_pton(AF_INET, host, address) == 1) return address[0] == 127;
  if (inet_pton(AF_INET6, host, address) != 1) return false;
  if (memcmp(address, mapped, sizeof mapped) == 0) return address[12] == 127;
  static const unsigned char loopback[16] = {[15] = 1};
  return memcmp(address, loopback, sizeof loopback) == 0;
}

long holdfast_allow_open_files(long count) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
  if (limit.rlim_cur < (rlim_t)count) {
    limit.rlim_cur = limit.rlim_max < (rlim_t)count ? limit.rlim_max : (rlim_t)count;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
  }
  return limit.rlim_cur < (rlim_t)count ? (long)limit.rlim_cur : count;
}

bool holdfast_is_ignored(int signal) {
  struct sigaction action;
  return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}
