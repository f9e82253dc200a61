// What Swift cannot import from the system: variadic functions, macros that compute, and names
// that clash. Everything is called holdfast_...; each function says what it adds to the call it
// wraps. A result of -1 means that errno says why.
#ifndef HOLDFAST_CSYSTEM_H
#define HOLDFAST_CSYSTEM_H

#include <stdint.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/// The operations of `holdfast_flock`.
static const int HOLDFAST_LOCK_SHARED = 1;
static const int HOLDFAST_LOCK_EXCLUSIVE = 2;
static const int HOLDFAST_LOCK_NONBLOCKING = 4;
static const int HOLDFAST_LOCK_UNLOCK = 8;

/// Opens a file with O_CLOEXEC added, again after a signal.
int holdfast_open(const char *_Nonnull path, int flags, mode_t mode);

/// The inode of a file, and the seconds and nanoseconds of its birth; 0 where nobody knows those.
int holdfast_birth(const char *_Nonnull path, unsigned long long birth[_Nonnull 3]);

/// Whether the disk of a folder takes so many more bytes, as far as that shows without leaving anything
/// there. Where nobody can say, it does.
bool holdfast_has_room(const char *_Nonnull folder, size_t bytes);

/// flock, whose name in Swift is the structure; again after a signal.
int holdfast_flock(int fd, int operation);

/// Whether a descriptor is a terminal.
bool holdfast_is_terminal(int fd);

/// The width of a terminal in columns; 0 when it is none or does not say.
int holdfast_terminal_width(int fd);

/// A write to a pipe that nobody reads fails with EPIPE from now on, instead of ending the process.
void holdfast_ignore_sigpipe(void);

/// Keeps some megabytes of freed memory for the next request instead of giving each page back at
/// once, which stops all threads for a moment. For a process that runs on.
void holdfast_keep_freed_memory(void);

/// Gives all freed memory back to the system but what threads keep at the end of their parts.
void holdfast_give_back_memory(void);

/// Opens /dev/null on each of the descriptors 0, 1 and 2 that is closed.
///
/// Otherwise the next file that is opened gets that number, and what is printed goes into it.
int holdfast_reserve_standard_descriptors(void);

/// A pipe whose ends are closed on exec.
int holdfast_pipe(int ends[_Nonnull 2]);

/// Something that tells which sockets' peers have closed their side, or -1.
int holdfast_watch_open(void);

/// Adds a socket, whose peer's going is told once. Returns 0, or -1.
int holdfast_watch_add(int watch, int fd, uint64_t name);

/// Takes a socket out.
void holdfast_watch_remove(int watch, int fd);

/// Waits until peers have gone: how many, with the names of their sockets, or -1.
int holdfast_watch_wait(int watch, uint64_t *_Nonnull names, int count);

/// Waits for a child: its exit code, 128 and the signal that ended it, or -1.
int holdfast_wait(pid_t child);

/// Lets a child of posix_spawn start in a folder; `actions` is a posix_spawn_file_actions_t.
/// Returns 0, or an errno value.
int holdfast_spawn_in(void *_Nonnull actions, const char *_Nonnull folder);

/// The environment, ending with NULL.
char *_Nullable *_Nullable holdfast_environment(void);

/// The home folder that the user database names, or NULL. The caller releases it with free.
char *_Nullable holdfast_home_folder(void);

/// Whether a text is an IPv4 or IPv6 address: 4, 6, or 0 for neither.
int holdfast_address_family(const char *_Nonnull text);

/// Whether a host is this machine alone: `localhost`, or an address that only this machine reaches.
bool holdfast_is_loopback(const char *_Nonnull host);

/// Lets this process open so many files at once, or as many as the system allows it: that number.
long holdfast_allow_open_files(long count);

/// Whether whoever started this process has it ignore a signal.
bool holdfast_is_ignored(int signal);

#endif
