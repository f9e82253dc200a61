// A SQLite file system (VFS) that loses power on demand. For tests only.
//
// Its files live in memory. Each is kept twice: as programs see it, and as it is on the platter.
// A write, a truncation, a creation or a deletion changes the first; only a sync brings it to the
// second. When the power goes, what had not been synced vanishes, stays or tears, at random.
//
//   powercut *disk = powercut_create("disk1");
//   // sqlite3_open_v2(path, &db, flags, "disk1"), in as many connections and threads as wanted
//   powercut_arm(disk, powercut_steps(disk) + 37);
//   // work until SQL fails and powercut_is_off(disk), close every connection
//   powercut_restore(disk, seed);
//   // open again: every acknowledged write must be there
//
// All functions are thread safe. Several disks may exist at once; they share nothing.
// powercut_create initializes SQLite, so call sqlite3_config before it if at all.

#ifndef POWERCUT_H
#define POWERCUT_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __clang__
#pragma clang assume_nonnull begin
#define POWERCUT_NULLABLE _Nullable
#else
#define POWERCUT_NULLABLE
#endif

// A disk, and the VFS through which SQLite reaches it.
typedef struct powercut powercut;

// Makes an empty disk with its power on and registers it with SQLite as the VFS `name` (never as
// the default one). NULL if a VFS of that name exists already.
powercut *POWERCUT_NULLABLE powercut_create(const char *name);

// Unregisters the VFS and frees the disk. While a connection still has a file of it open, does
// nothing and returns false.
bool powercut_destroy(powercut *disk);

// MARK: Power

// The steps taken so far. Each of these is a step: xWrite, xTruncate, xSync, xDelete of a file that
// exists, xOpen that creates a file. Those of temporary files count as well. It never goes back.
uint64_t powercut_steps(powercut *disk);

// Lets the power go at step number `step` (the next one is powercut_steps + 1), or at the next step
// if that one has passed. The operation at which it goes fails, though like any unsynced one it may
// have reached the platter; if it is a sync, it guarantees nothing. From then on every operation
// on every file fails with the SQLITE_IOERR of its kind. 0 disarms.
void powercut_arm(powercut *disk, uint64_t step);

// Whether the power is off.
bool powercut_is_off(powercut *disk);

// Turns the power on again (first off, if it is on). The same seed after the same steps leaves the
// same bytes. What is left on the platter:
// - each file is as of its last sync, plus a random choice of what was done to it since. Of some
//   files everything stays, of some nothing, of some the beginning or the end, of the others each
//   write for itself: it vanishes, stays, or tears (some of its 512-byte sectors stay). A size may
//   change without the bytes that came with it, which then are zeros;
// - a sync makes durable the writes of its own file and the creation of that file, no other's;
// - the sync of a directory makes durable all creations and deletions in it. It is done where
//   SQLite's own VFS does it: by an xDelete that asks for it, and by the first sync through a
//   handle that was to create a journal or a WAL. Without one, what a path names may be as of any
//   moment since, for each path on its own.
// Locks and shared memory are gone. A handle from before fails for ever with SQLITE_IOERR; it has
// only to be closed. Close connections before the call where possible, as SQLite's own memory of a
// dead connection is of no use to anybody.
// The power is not armed any more. A sync failure not yet reached and the limit of
// powercut_fail_writes_full stay.
void powercut_restore(powercut *disk, uint64_t seed);

// MARK: The device

// Whether the device promises that a write never damages bytes outside its range
// (SQLITE_IOCAP_POWERSAFE_OVERWRITE). True at first, as on Linux. When false, SQLite is told so,
// and a torn write may fill each sector that it touches with garbage, its neighbours' bytes
// included. Set it before connections open.
void powercut_set_powersafe_overwrite(powercut *disk, bool safe);

// MARK: Failures without a power cut

// Makes the nth sync from now (1 is the next, of whatever file) fail once with
// SQLITE_IOERR_FSYNC. What it should have made durable stays unsynced; a later sync that succeeds
// makes it durable. 0 takes it back.
void powercut_fail_sync(powercut *disk, uint64_t nth);

// The bytes of all files as programs see them, deleted ones that are still open included.
int64_t powercut_bytes(powercut *disk);

// Gives the disk a size: a write that would bring powercut_bytes above `limit` by making its file
// longer writes what fits and fails with SQLITE_FULL. Writes inside a file still succeed.
// A negative limit lifts it.
void powercut_fail_writes_full(powercut *disk, int64_t limit);

// MARK: Looking inside

// Writes the bytes of the file `path`, as programs see them, into the real file `real_path`. Works
// with the power off too. False if there is no such file or it cannot be written.
bool powercut_copy_file(powercut *disk, const char *path, const char *real_path);

#ifdef __clang__
#pragma clang assume_nonnull end
#endif

#endif
