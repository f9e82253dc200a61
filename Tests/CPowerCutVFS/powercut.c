#include "powercut.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512 };

// MARK: Memory

// A test that is out of memory has nothing better to do than to die.
static void *grown(void *memory, size_t size) {
  void *result = realloc(memory, size ? size : 1);
  if (!result) abort();
  return result;
}

static void *zeroed(size_t size) {
  void *result = calloc(1, size);
  if (!result) abort();
  return result;
}

static char *copied(const char *text) {
  size_t size = strlen(text) + 1;
  return memcpy(grown(NULL, size), text, size);
}

// MARK: Files

typedef struct {
  uint8_t *bytes;
  int64_t size, capacity;
} image;

static void image_resize(image *i, int64_t size) {
  if (size > i->capacity) {
    i->capacity = size > i->capacity * 2 ? size : i->capacity * 2;
    i->bytes = grown(i->bytes, (size_t)i->capacity);
  }
  if (size > i->size) memset(i->bytes + i->size, 0, (size_t)(size - i->size));
  i->size = size;
}

static void image_write(image *i, int64_t offset, const void *bytes, int64_t length) {
  if (length <= 0) return;
  if (offset + length > i->size) image_resize(i, offset + length);
  memcpy(i->bytes + offset, bytes, (size_t)length);
}

// A write, or with `bytes` NULL a truncation to `offset`, that no sync has made durable.
typedef struct {
  int64_t offset, length;
  uint8_t *bytes;
} change;

enum { SHM_LOCKS = SQLITE_SHM_NLOCK };

// The shared memory of the connections to one database file.
typedef struct {
  int mapped;  // handles that have it
  int count;
  void **regions;
  int locks[SHM_LOCKS];  // -1 exclusive, n > 0 shared by n
} shm;

typedef struct handle handle;

// A file, whatever its name. Lives while a name or a handle holds it.
typedef struct {
  int holders;
  bool named;           // programs see it under its path
  uint64_t generation;  // of the disk when it was made
  char *path;  // NULL for a temporary file, of which nothing is ever durable
  image seen, durable;
  change *changes;  // from `durable` to `seen`, oldest first
  size_t change_count, change_capacity;
  handle *handles;
  shm *shm;
} inode;

static void change_record(inode *file, int64_t offset, const void *bytes, int64_t length) {
  if (!file->path) return;
  if (file->change_count == file->change_capacity) {
    file->change_capacity = file->change_capacity ? file->change_capacity * 2 : 16;
    file->changes = grown(file->changes, file->change_capacity * sizeof *file->changes);
  }
  change *c = &file->changes[file->change_count++];
  *c = (change){.offset = offset, .length = length};
  if (bytes) c->bytes = memcpy(grown(NULL, (size_t)length), bytes, (size_t)length);
}

static void changes_forget(inode *file) {
  for (size_t i = 0; i < file->change_count; i++) free(file->changes[i].bytes);
  file->change_count = 0;
}

static void changes_make_durable(inode *file) {
  for (size_t i = 0; i < file->change_count; i++) {
    change *c = &file->changes[i];
    if (c->bytes) image_write(&file->durable, c->offset, c->bytes, c->length);
    else image_resize(&file->durable, c->offset);
  }
  changes_forget(file);
}

// MARK: Names

// What a path names. Each state is a file, or NULL for none.
typedef struct entry {
  struct entry *next;
  char *path;
  inode *durable;
  inode **states;  // those since, oldest first; the last one is what programs see
  size_t state_count;
} entry;

static inode *entry_seen(const entry *e) {
  return e->state_count ? e->states[e->state_count - 1] : e->durable;
}

// The part of a path that names its directory.
static size_t directory_length(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? (size_t)(slash - path) : 0;
}

// MARK: The disk

struct powercut {
  sqlite3_vfs vfs;
  sqlite3_vfs *base;
  pthread_mutex_t mutex;
  entry *entries;
  uint64_t generation;
  int open_handles;
  bool off, powersafe;
  uint64_t steps, armed, syncs_until_failure;
  int64_t bytes, limit;
};

struct handle {
  sqlite3_file base;
  powercut *disk;
  inode *file;
  handle *next;
  uint64_t generation;
  int flags, lock;
  bool syncs_directory;  // at its next sync
  shm *shm;
  unsigned shared, exclusive;  // bits of the shared memory's locks
};

static powercut *disk_of(sqlite3_vfs *vfs) { return vfs->pAppData; }
static handle *handle_of(sqlite3_file *file) { return (handle *)file; }

static void disk_lock(powercut *disk) { pthread_mutex_lock(&disk->mutex); }
static void disk_unlock(powercut *disk) { pthread_mutex_unlock(&disk->mutex); }

// Locks the disk and returns whether the handle can still be used.
static bool handle_enter(handle *h) {
  disk_lock(h->disk);
  return !h->disk->off && h->generation == h->disk->generation;
}

static int handle_leave(handle *h, int result) {
  disk_unlock(h->disk);
  return result;
}

// Counts a step. False if the power goes at it.
static bool step(powercut *disk) {
  disk->steps++;
  if (disk->armed && disk->steps >= disk->armed) disk->off = true;
  return !disk->off;
}

static inode *inode_make(powercut *disk, const char *path) {
  inode *file = zeroed(sizeof *file);
  file->generation = disk->generation;
  file->path = path ? copied(path) : NULL;
  return file;
}

static inode *inode_hold(inode *file) {
  if (file) file->holders++;
  return file;
}

static void inode_release(inode *file) {
  if (!file || --file->holders) return;
  changes_forget(file);
  free(file->changes);
  free(file->seen.bytes);
  free(file->durable.bytes);
  free(file->path);
  free(file);
}

// A file takes space on the disk as long as programs can reach it.
static void space_take(powercut *disk, const inode *file, int64_t bytes) {
  bool reachable = file->generation == disk->generation && (file->named || file->handles);
  if (reachable) disk->bytes += bytes;
}

static void inode_resize(powercut *disk, inode *file, int64_t size) {
  space_take(disk, file, size - file->seen.size);
  image_resize(&file->seen, size);
}

static entry *entry_find(powercut *disk, const char *path) {
  for (entry *e = disk->entries; e; e = e->next) {
    if (!strcmp(e->path, path)) return e;
  }
  return NULL;
}

static inode *file_find(powercut *disk, const char *path) {
  entry *e = entry_find(disk, path);
  return e ? entry_seen(e) : NULL;
}

// Makes `path` name `file`, just made, or with NULL nothing. Unsynced.
static void entry_set(powercut *disk, const char *path, inode *file) {
  entry *e = entry_find(disk, path);
  if (!e) {
    e = zeroed(sizeof *e);
    e->path = copied(path);
    // At the end, so that the order of the seeded choices is that of creation.
    entry **last = &disk->entries;
    while (*last) last = &(*last)->next;
    *last = e;
  }
  inode *old = entry_seen(e);
  if (old) {
    space_take(disk, old, -old->seen.size);
    old->named = false;
    space_take(disk, old, old->seen.size);
  }
  if (file) file->named = true;
  e->states = grown(e->states, (e->state_count + 1) * sizeof *e->states);
  e->states[e->state_count++] = inode_hold(file);
}

// Makes the first `count` unsynced states of a path history.
static void entry_make_durable(entry *e, size_t count) {
  if (!count) return;
  inode *durable = inode_hold(e->states[count - 1]);
  inode_release(e->durable);
  for (size_t i = 0; i < count; i++) inode_release(e->states[i]);
  e->durable = durable;
  e->state_count -= count;
  memmove(e->states, e->states + count, e->state_count * sizeof *e->states);
}

static void entries_drop_empty(powercut *disk) {
  for (entry **at = &disk->entries; *at;) {
    entry *e = *at;
    if (e->durable || e->state_count) {
      at = &e->next;
      continue;
    }
    *at = e->next;
    free(e->states);
    free(e->path);
    free(e);
  }
}

static void file_sync(powercut *disk, inode *file) {
  changes_make_durable(file);
  entry *e = file->path ? entry_find(disk, file->path) : NULL;
  if (!e) return;
  for (size_t i = e->state_count; i > 0; i--) {
    if (e->states[i - 1] == file) {
      entry_make_durable(e, i);
      return;
    }
  }
}

static void directory_sync(powercut *disk, const char *path) {
  size_t length = directory_length(path);
  for (entry *e = disk->entries; e; e = e->next) {
    if (directory_length(e->path) == length && !memcmp(e->path, path, length)) {
      entry_make_durable(e, e->state_count);
    }
  }
  entries_drop_empty(disk);
}

// MARK: What a power cut leaves

// splitmix64
static uint64_t next_random(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static uint64_t below(uint64_t *random, uint64_t bound) { return next_random(random) % bound; }
static bool coin(uint64_t *random) { return next_random(random) >> 63; }

typedef enum { VANISHED, KEPT, TORN } fate;
typedef enum { NOTHING, EVERYTHING, BEGINNING, END, EACH } rule;

// Unsynced writes that share a fate (all of the database file, none of the WAL) find other faults
// than those that are drawn one by one, which seldom leave a long run whole.
static fate draw_fate(uint64_t *random, rule r, size_t index, size_t split) {
  switch (r) {
  case NOTHING: return VANISHED;
  case EVERYTHING: return KEPT;
  case BEGINNING: return index < split ? KEPT : index == split ? TORN : VANISHED;
  case END: return index < split ? VANISHED : index == split ? TORN : KEPT;
  case EACH: break;
  }
  return (fate)below(random, 3);
}

static void tear(image *left, const change *c, bool powersafe, uint64_t *random) {
  int64_t end = c->offset + c->length;
  for (int64_t sector = c->offset / SECTOR * SECTOR; sector < end; sector += SECTOR) {
    int64_t from = sector > c->offset ? sector : c->offset;
    int64_t to = sector + SECTOR < end ? sector + SECTOR : end;
    uint64_t choice = below(random, powersafe ? 2 : 3);
    if (choice == 0) continue;
    image_write(left, from, c->bytes + (from - c->offset), to - from);
    if (choice == 1) continue;
    for (int64_t i = sector; i < sector + SECTOR && i < left->size; i++) {
      left->bytes[i] = (uint8_t)next_random(random);
    }
  }
}

static image image_left(const inode *file, bool powersafe, uint64_t *random) {
  static const rule rules[] = {NOTHING, EVERYTHING, BEGINNING, END, EACH, EACH, EACH, EACH};
  image left = {0};
  image_write(&left, 0, file->durable.bytes, file->durable.size);
  rule r = rules[below(random, sizeof rules / sizeof *rules)];
  size_t split = file->change_count ? (size_t)below(random, file->change_count) : 0;
  for (size_t i = 0; i < file->change_count; i++) {
    const change *c = &file->changes[i];
    fate f = draw_fate(random, r, i, split);
    if (!c->bytes) {
      if (f == KEPT || (f == TORN && coin(random))) image_resize(&left, c->offset);
      continue;
    }
    if (f == KEPT) image_write(&left, c->offset, c->bytes, c->length);
    if (f == TORN) tear(&left, c, powersafe, random);
    bool grows = c->offset + c->length > left.size;
    if (grows && coin(random)) image_resize(&left, c->offset + c->length);
  }
  return left;
}

void powercut_restore(powercut *disk, uint64_t seed) {
  uint64_t random = seed;
  disk_lock(disk);
  disk->generation++;
  disk->bytes = 0;
  for (entry *e = disk->entries; e; e = e->next) {
    entry_make_durable(e, (size_t)below(&random, e->state_count + 1));
    inode *left = NULL;
    if (e->durable) {
      // A new inode: handles from before keep the old one, with its locks and shared memory.
      left = inode_make(disk, e->path);
      left->named = true;
      left->durable = image_left(e->durable, disk->powersafe, &random);
      image_write(&left->seen, 0, left->durable.bytes, left->durable.size);
      space_take(disk, left, left->seen.size);
    }
    for (size_t i = 0; i < e->state_count; i++) inode_release(e->states[i]);
    e->state_count = 0;
    inode_release(e->durable);
    e->durable = inode_hold(left);
  }
  entries_drop_empty(disk);
  disk->armed = 0;
  disk->off = false;
  disk_unlock(disk);
}

// MARK: Reading and writing

static int file_read(sqlite3_file *file, void *into, int count, sqlite3_int64 offset) {
  handle *h = handle_of(file);
  if (!handle_enter(h)) return handle_leave(h, SQLITE_IOERR_READ);
  const image *seen = &h->file->seen;
  int64_t available = seen->size - offset;
  if (available > count) available = count;
  if (available < 0) available = 0;
  if (available) memcpy(into, seen->bytes + offset, (size_t)available);
  memset((char *)into + available, 0, (size_t)(count - available));
  return handle_leave(h, available < count ? SQLITE_IOERR_SHORT_READ : SQLITE_OK);
}

static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  handle *h = handle_of(file);
  if (!handle_enter(h)) return handle_leave(h, SQLITE_IOERR_WRITE);
  if (h->flags & SQLITE_OPEN_READONLY) return handle_leave(h, SQLITE_READONLY);
  powercut *disk = h->disk;
  inode *f = h->file;
  int result = step(disk) ? SQLITE_OK : SQLITE_IOERR_WRITE;
  int64_t length = count, growth = offset + count - f->seen.size;
  if (disk->limit >= 0 && growth > 0 && disk->bytes + growth > disk->limit) {
    int64_t room = disk->limit > disk->bytes ? disk->limit - disk->bytes : 0;
    length = f->seen.size + room - offset;
    if (result == SQLITE_OK) result = SQLITE_FULL;
  }
  if (length > 0) {
    change_record(f, offset, bytes, length);
    if (offset + length > f->seen.size) inode_resize(disk, f, offset + length);
    image_write(&f->seen, offset, bytes, length);
  }
  return handle_leave(h, result);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
  handle *h = handle_of(file);
  if (!handle_enter(h)) return handle_leave(h, SQLITE_IOERR_TRUNCATE);
  if (h->flags & SQLITE_OPEN_READONLY) return handle_leave(h, SQLITE_READONLY);
  powercut *disk = h->disk;
  inode *f = h->file;
  int result = step(disk) ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
  int64_t growth = size - f->seen.size;
  if (disk->limit >= 0 && growth > 0 && disk->bytes + growth > disk->limit) {
    return handle_leave(h, result == SQLITE_OK ? SQLITE_FULL : result);
  }
  change_record(f, size, NULL, 0);
  inode_resize(disk, f, size);
  return handle_leave(h, result);
}

static int file_sync_call(sqlite3_file *file, int flags) {
  (void)flags;
  handle *h = handle_of(file);
  if (!handle_enter(h)) return handle_leave(h, SQLITE_IOERR_FSYNC);
  powercut *disk = h->disk;
  if (!step(disk)) return handle_leave(h, SQLITE_IOERR_FSYNC);
  if (disk->syncs_until_failure && !--disk->syncs_until_failure) {
    return handle_leave(h, SQLITE_IOERR_FSYNC);
  }
  file_sync(disk, h->file);
  if (h->syncs_directory) directory_sync(disk, h->file->path);
  h->syncs_directory = false;
  return handle_leave(h, SQLITE_OK);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
  handle *h = handle_of(file);
  if (!handle_enter(h)) return handle_leave(h, SQLITE_IOERR_FSTAT);
  *size = h->file->seen.size;
  return handle_leave(h, SQLITE_OK);
}

// MARK: Locks

// The strongest lock that another handle has.
static int strongest_other_lock(const handle *h) {
  int strongest = SQLITE_LOCK_NONE;
  for (handle *other = h->file->handles; other; other = other->next) {
    if (other != h && other->lock > strongest) strongest = other->lock;
  }
  return strongest;
}

static int file_lock(sqlite3_file *file, int wanted) {
  handle *h = handle_of(file);
  if (!handle_enter(h)) return handle_leave(h, SQLITE_IOERR_LOCK);
  if (h->lock >= wanted) return handle_leave(h, SQLITE_OK);
  int other = strongest_other_lock(h);
  int result = SQLITE_OK;
  if (wanted == SQLITE_LOCK_SHARED) {
    if (other >= SQLITE_LOCK_PENDING) result = SQLITE_BUSY;
  } else if (other >= SQLITE_LOCK_RESERVED) {
    result = SQLITE_BUSY;
  } else if (wanted == SQLITE_LOCK_EXCLUSIVE && other >= SQLITE_LOCK_SHARED) {
    // Keeps new readers out until the present ones have gone.
    h->lock = SQLITE_LOCK_PENDING;
    result = SQLITE_BUSY;
  }
  if (result == SQLITE_OK) h->lock = wanted;
  return handle_leave(h, result);
}

static int file_unlock(sqlite3_file *file, int kept) {
  handle *h = handle_of(file);
  disk_lock(h->disk);
  if (h->lock > kept) h->lock = kept;
  return handle_leave(h, SQLITE_OK);
}

static int file_check_reserved_lock(sqlite3_file *file, int *reserved) {
  handle *h = handle_of(file);
  if (!handle_enter(h)) return handle_leave(h, SQLITE_IOERR_CHECKRESERVEDLOCK);
  *reserved = h->lock >= SQLITE_LOCK_RESERVED || strongest_other_lock(h) >= SQLITE_LOCK_RESERVED;
  return handle_leave(h, SQLITE_OK);
}

// MARK: Shared memory

static int shm_map(
  sqlite3_file *file, int index, int size, int extend, void volatile **region
) {
  handle *h = handle_of(file);
  *region = NULL;
  if (!handle_enter(h)) return handle_leave(h, SQLITE_IOERR_SHMMAP);
  if (!h->shm) {
    if (!h->file->shm) h->file->shm = zeroed(sizeof(shm));
    h->shm = h->file->shm;
    h->shm->mapped++;
  }
  shm *s = h->shm;
  if (index >= s->count && extend) {
    s->regions = grown(s->regions, (size_t)(index + 1) * sizeof *s->regions);
    while (s->count <= index) s->regions[s->count++] = zeroed((size_t)size);
  }
  if (index < s->count) *region = s->regions[index];
  return handle_leave(h, SQLITE_OK);
}

static void shm_release(handle *h, unsigned mask) {
  for (int i = 0; i < SHM_LOCKS; i++) {
    unsigned bit = 1u << i & mask;
    if (h->exclusive & bit) h->shm->locks[i] = 0;
    if (h->shared & bit) h->shm->locks[i]--;
  }
  h->exclusive &= ~mask;
  h->shared &= ~mask;
}

static int shm_lock(sqlite3_file *file, int first, int count, int flags) {
  handle *h = handle_of(file);
  bool usable = handle_enter(h);
  unsigned mask = ((1u << count) - 1) << first;
  if (flags & SQLITE_SHM_UNLOCK) {
    if (h->shm) shm_release(h, mask);
    return handle_leave(h, SQLITE_OK);
  }
  if (!usable || !h->shm) return handle_leave(h, SQLITE_IOERR_SHMLOCK);
  int *locks = h->shm->locks;
  bool shared = flags & SQLITE_SHM_SHARED;
  unsigned missing = mask & ~(shared ? h->shared : h->exclusive);
  for (int i = first; i < first + count; i++) {
    bool taken = shared ? locks[i] < 0 : locks[i] != 0;
    if (missing & 1u << i && taken) return handle_leave(h, SQLITE_BUSY);
  }
  for (int i = first; i < first + count; i++) {
    if (missing & 1u << i) locks[i] += shared ? 1 : -1;
  }
  *(shared ? &h->shared : &h->exclusive) |= mask;
  return handle_leave(h, SQLITE_OK);
}

static void shm_barrier(sqlite3_file *file) {
  handle *h = handle_of(file);
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  disk_lock(h->disk);
  disk_unlock(h->disk);
}

static void shm_leave(handle *h) {
  shm *s = h->shm;
  if (!s) return;
  shm_release(h, (1u << SHM_LOCKS) - 1);
  h->shm = NULL;
  if (--s->mapped) return;
  for (int i = 0; i < s->count; i++) free(s->regions[i]);
  free(s->regions);
  free(s);
  h->file->shm = NULL;
}

// The last one to leave takes the memory with it, as on Linux, where the next one to come finds
// itself alone and starts afresh. So `delete` makes no difference.
static int shm_unmap(sqlite3_file *file, int delete) {
  (void)delete;
  handle *h = handle_of(file);
  disk_lock(h->disk);
  shm_leave(h);
  return handle_leave(h, SQLITE_OK);
}

// MARK: The rest of a file

static int file_control(sqlite3_file *file, int operation, void *argument) {
  (void)file, (void)operation, (void)argument;
  return SQLITE_NOTFOUND;
}

static int sector_size(sqlite3_file *file) {
  (void)file;
  return SECTOR;
}

static int device_characteristics(sqlite3_file *file) {
  handle *h = handle_of(file);
  disk_lock(h->disk);
  return handle_leave(h, h->disk->powersafe ? SQLITE_IOCAP_POWERSAFE_OVERWRITE : 0);
}

static int file_close(sqlite3_file *file) {
  handle *h = handle_of(file);
  powercut *disk = h->disk;
  bool usable = handle_enter(h);
  shm_leave(h);
  handle **at = &h->file->handles;
  while (*at != h) at = &(*at)->next;
  space_take(disk, h->file, -h->file->seen.size);
  *at = h->next;
  space_take(disk, h->file, h->file->seen.size);
  const char *path = h->file->path;
  if (usable && path && h->flags & SQLITE_OPEN_DELETEONCLOSE && file_find(disk, path) == h->file) {
    entry_set(disk, path, NULL);
  }
  inode_release(h->file);
  disk->open_handles--;
  h->base.pMethods = NULL;
  disk_unlock(disk);
  return SQLITE_OK;
}

static const sqlite3_io_methods file_methods = {
  .iVersion = 2,
  .xClose = file_close,
  .xRead = file_read,
  .xWrite = file_write,
  .xTruncate = file_truncate,
  .xSync = file_sync_call,
  .xFileSize = file_size,
  .xLock = file_lock,
  .xUnlock = file_unlock,
  .xCheckReservedLock = file_check_reserved_lock,
  .xFileControl = file_control,
  .xSectorSize = sector_size,
  .xDeviceCharacteristics = device_characteristics,
  .xShmMap = shm_map,
  .xShmLock = shm_lock,
  .xShmBarrier = shm_barrier,
  .xShmUnmap = shm_unmap,
};

// MARK: The VFS

static int disk_open(
  sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *flags_out
) {
  powercut *disk = disk_of(vfs);
  handle *h = handle_of(file);
  memset(h, 0, sizeof *h);
  disk_lock(disk);
  int result = disk->off ? SQLITE_IOERR : SQLITE_OK;
  inode *found = path ? file_find(disk, path) : NULL;
  if (result == SQLITE_OK && found && flags & SQLITE_OPEN_EXCLUSIVE) result = SQLITE_CANTOPEN;
  if (result == SQLITE_OK && !found && path) {
    if (!(flags & SQLITE_OPEN_CREATE)) {
      result = SQLITE_CANTOPEN;
    } else {
      if (!step(disk)) result = SQLITE_IOERR;
      found = inode_make(disk, path);
      entry_set(disk, path, found);
    }
  }
  if (result == SQLITE_OK) {
    if (!found) found = inode_make(disk, NULL);
    h->base.pMethods = &file_methods;
    h->disk = disk;
    h->file = inode_hold(found);
    h->next = found->handles;
    found->handles = h;
    h->generation = disk->generation;
    h->flags = flags;
    int journals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
    h->syncs_directory = path && flags & SQLITE_OPEN_CREATE && flags & journals;
    disk->open_handles++;
    if (flags_out) *flags_out = flags;
  }
  disk_unlock(disk);
  return result;
}

static int disk_delete(sqlite3_vfs *vfs, const char *path, int sync_directory) {
  powercut *disk = disk_of(vfs);
  disk_lock(disk);
  int result = SQLITE_OK;
  if (disk->off) {
    result = SQLITE_IOERR_DELETE;
  } else if (!file_find(disk, path)) {
    result = SQLITE_IOERR_DELETE_NOENT;
  } else {
    bool powered = step(disk);
    entry_set(disk, path, NULL);
    if (!powered) result = SQLITE_IOERR_DELETE;
    else if (sync_directory) directory_sync(disk, path);
  }
  disk_unlock(disk);
  return result;
}

static int disk_access(sqlite3_vfs *vfs, const char *path, int flags, int *accessible) {
  powercut *disk = disk_of(vfs);
  disk_lock(disk);
  inode *found = file_find(disk, path);
  // As on Linux: an empty file does not count as one that exists.
  *accessible = found && (flags != SQLITE_ACCESS_EXISTS || found->seen.size > 0);
  int result = disk->off ? SQLITE_IOERR_ACCESS : SQLITE_OK;
  disk_unlock(disk);
  return result;
}

static int disk_full_pathname(sqlite3_vfs *vfs, const char *path, int size, char *out) {
  (void)vfs;
  if (strlen(path) >= (size_t)size) return SQLITE_CANTOPEN;
  strcpy(out, path);
  return SQLITE_OK;
}

static void *base_dl_open(sqlite3_vfs *vfs, const char *path) {
  sqlite3_vfs *base = disk_of(vfs)->base;
  return base->xDlOpen(base, path);
}

static void base_dl_error(sqlite3_vfs *vfs, int size, char *message) {
  sqlite3_vfs *base = disk_of(vfs)->base;
  base->xDlError(base, size, message);
}

static void (*base_dl_sym(sqlite3_vfs *vfs, void *library, const char *name))(void) {
  sqlite3_vfs *base = disk_of(vfs)->base;
  return base->xDlSym(base, library, name);
}

static void base_dl_close(sqlite3_vfs *vfs, void *library) {
  sqlite3_vfs *base = disk_of(vfs)->base;
  base->xDlClose(base, library);
}

static int base_randomness(sqlite3_vfs *vfs, int size, char *out) {
  sqlite3_vfs *base = disk_of(vfs)->base;
  return base->xRandomness(base, size, out);
}

static int base_sleep(sqlite3_vfs *vfs, int microseconds) {
  sqlite3_vfs *base = disk_of(vfs)->base;
  return base->xSleep(base, microseconds);
}

static int base_current_time(sqlite3_vfs *vfs, double *now) {
  sqlite3_vfs *base = disk_of(vfs)->base;
  return base->xCurrentTime(base, now);
}

static int base_current_time_int64(sqlite3_vfs *vfs, sqlite3_int64 *now) {
  sqlite3_vfs *base = disk_of(vfs)->base;
  return base->xCurrentTimeInt64(base, now);
}

static int disk_last_error(sqlite3_vfs *vfs, int size, char *message) {
  (void)vfs;
  if (size > 0) *message = 0;
  return 0;
}

// MARK: The interface

powercut *powercut_create(const char *name) {
  if (sqlite3_vfs_find(name)) return NULL;
  powercut *disk = zeroed(sizeof *disk);
  disk->base = sqlite3_vfs_find(NULL);
  disk->powersafe = true;
  disk->limit = -1;
  pthread_mutex_init(&disk->mutex, NULL);
  disk->vfs = (sqlite3_vfs){
    .iVersion = 2,
    .szOsFile = sizeof(handle),
    .mxPathname = 1024,
    .zName = copied(name),
    .pAppData = disk,
    .xOpen = disk_open,
    .xDelete = disk_delete,
    .xAccess = disk_access,
    .xFullPathname = disk_full_pathname,
    .xDlOpen = base_dl_open,
    .xDlError = base_dl_error,
    .xDlSym = base_dl_sym,
    .xDlClose = base_dl_close,
    .xRandomness = base_randomness,
    .xSleep = base_sleep,
    .xCurrentTime = base_current_time,
    .xGetLastError = disk_last_error,
    .xCurrentTimeInt64 = base_current_time_int64,
  };
  if (!disk->base || sqlite3_vfs_register(&disk->vfs, 0) != SQLITE_OK) abort();
  return disk;
}

bool powercut_destroy(powercut *disk) {
  disk_lock(disk);
  bool open = disk->open_handles > 0;
  disk_unlock(disk);
  if (open) return false;
  sqlite3_vfs_unregister(&disk->vfs);
  for (entry *e = disk->entries; e; e = e->next) {
    entry_make_durable(e, e->state_count);
    inode_release(e->durable);
    e->durable = NULL;
  }
  entries_drop_empty(disk);
  pthread_mutex_destroy(&disk->mutex);
  free((char *)disk->vfs.zName);
  free(disk);
  return true;
}

uint64_t powercut_steps(powercut *disk) {
  disk_lock(disk);
  uint64_t steps = disk->steps;
  disk_unlock(disk);
  return steps;
}

void powercut_arm(powercut *disk, uint64_t step) {
  disk_lock(disk);
  disk->armed = step;
  disk_unlock(disk);
}

bool powercut_is_off(powercut *disk) {
  disk_lock(disk);
  bool off = disk->off;
  disk_unlock(disk);
  return off;
}

void powercut_set_powersafe_overwrite(powercut *disk, bool safe) {
  disk_lock(disk);
  disk->powersafe = safe;
  disk_unlock(disk);
}

void powercut_fail_sync(powercut *disk, uint64_t nth) {
  disk_lock(disk);
  disk->syncs_until_failure = nth;
  disk_unlock(disk);
}

int64_t powercut_bytes(powercut *disk) {
  disk_lock(disk);
  int64_t bytes = disk->bytes;
  disk_unlock(disk);
  return bytes;
}

void powercut_fail_writes_full(powercut *disk, int64_t limit) {
  disk_lock(disk);
  disk->limit = limit;
  disk_unlock(disk);
}

bool powercut_copy_file(powercut *disk, const char *path, const char *real_path) {
  disk_lock(disk);
  inode *file = file_find(disk, path);
  FILE *out = file ? fopen(real_path, "wb") : NULL;
  bool written = out != NULL;
  if (out) {
    size_t size = (size_t)file->seen.size;
    written = fwrite(file->seen.bytes, 1, size, out) == size;
    if (fclose(out) != 0) written = false;
  }
  disk_unlock(disk);
  return written;
}
