#ifndef HOLDFAST_CMICROHTTPD_H
#define HOLDFAST_CMICROHTTPD_H

// libmicrohttpd, loaded when a server starts: with the TLS library that it brings it took two
// milliseconds of the start of every command, which are its clients at most.

#include <microhttpd.h>
#include <poll.h>
#include <sys/socket.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#ifndef POLLRDHUP
// Linux's; hidden without _GNU_SOURCE, which would clash with how Swift sees the system's headers.
#define POLLRDHUP 0x2000
#endif

/// What a daemon is started with; MHD_start_daemon itself is variadic.
struct holdfast_mhd_settings {
  /// A bound and listening socket, of any family.
  int listen_socket;
  /// At least 4: a thread with 128 connections or more can hang (128 events at once, then it waits
  /// again before handling them), so there are at most 120 connections a thread.
  unsigned int threads;
  unsigned int connections;
  /// Seconds without any byte after which a connection is closed.
  unsigned int idle_seconds;
  /// Bytes of memory of one connection: what it reads, the parsed headers, and the answer's head.
  size_t memory_bytes;
};

/// Loads the library, once; false when it is not there. Everything else needs a library that was
/// loaded.
bool holdfast_mhd_load(void);

/// Ends the query of a request target where it begins: the library would keep each parameter in the
/// memory of the connection, and answers nothing at all when they do not fit.
///
/// `target` is what the URI_LOG callback is given: the library's own buffer, which it takes apart
/// after that.
static inline void holdfast_mhd_hide_query(const char *_Nonnull target) {
  char *mark = strchr((char *)target, '?');
  if (mark) mark[1] = 0;
}

/// Starts the threads of a daemon. NULL when the system refuses.
struct MHD_Daemon *_Nullable holdfast_mhd_start(
    struct holdfast_mhd_settings settings, void *_Nullable context,
    MHD_AccessHandlerCallback _Nonnull handle,
    void *_Nullable (*_Nonnull began)(void *_Nullable, const char *_Nonnull, struct MHD_Connection *_Nonnull),
    MHD_RequestCompletedCallback _Nonnull completed,
    MHD_NotifyConnectionCallback _Nonnull connection_changed);

/// The socket of a connection, or -1.
static inline int holdfast_mhd_socket(struct MHD_Connection *_Nonnull connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

/// Lets an answer have neither a length nor chunks: its connection is closed behind it.
void holdfast_mhd_end_by_closing(struct MHD_Response *_Nonnull response);

/// Where a connection's own context is kept.
static inline void *_Nullable *_Nullable holdfast_mhd_socket_context(
    struct MHD_Connection *_Nonnull connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? (void **)&info->socket_context : NULL;
}

/// The headers that the server reads, found in one walk over all of them.
///
/// The texts end with a NUL and live as long as their request; of equal names the first one counts.
struct holdfast_mhd_headers {
  const char *_Nullable host;
  const char *_Nullable origin;
  const char *_Nullable content_length;
  const char *_Nullable transfer_encoding;
  const char *_Nullable expect;
  const char *_Nullable if_match;
  const char *_Nullable idempotency_key;
  const char *_Nullable request_id;
  const char *_Nullable store;
  const char *_Nullable folder;
  const char *_Nullable agent;
  /// How often these are there: twice is a lie.
  unsigned int hosts;
  unsigned int content_lengths;
  unsigned int transfer_encodings;
  /// Whether a name has white space before its colon, which another server may read differently.
  bool has_spaced_name;
  /// Whether a line is not what the library took it for: it ends a value at a NUL, where another
  /// server may read on, and takes two lines for one, or a lone LF for an end.
  bool has_odd_line;
  /// Where the value before ends. CR and LF, which the library makes NULs, and the next name follow.
  const char *_Nullable end;
  /// The bytes of all names and values, and four more for each line.
  size_t bytes;
};

static inline enum MHD_Result holdfast_mhd_collect(
    void *_Nullable context, enum MHD_ValueKind kind, const char *_Nonnull name, size_t name_size,
    const char *_Nullable value, size_t value_size) {
  struct holdfast_mhd_headers *found = (struct holdfast_mhd_headers *)context;
  const char **place = NULL;
  (void)kind;
  found->bytes += name_size + value_size + 4;
  if (name_size == 0 || name[name_size - 1] == ' ' || name[name_size - 1] == '\t')
    found->has_spaced_name = true;
  if (found->end && name != found->end + 2) found->has_odd_line = true;
  found->end = value ? value + value_size : NULL;
  switch (name_size) {
    case 4:
      if (strncasecmp(name, "Host", 4) == 0) {
        place = &found->host;
        found->hosts++;
      }
      break;
    case 6:
      if (strncasecmp(name, "Origin", 6) == 0) place = &found->origin;
      if (strncasecmp(name, "Expect", 6) == 0) place = &found->expect;
      break;
    case 8:
      if (strncasecmp(name, "If-Match", 8) == 0) place = &found->if_match;
      break;
    case 10:
      if (strncasecmp(name, "X-Agent-ID", 10) == 0) place = &found->agent;
      break;
    case 12:
      if (strncasecmp(name, "X-Request-Id", 12) == 0) place = &found->request_id;
      break;
    case 14:
      if (strncasecmp(name, "Content-Length", 14) == 0) {
        place = &found->content_length;
        found->content_lengths++;
      }
      if (strncasecmp(name, "Holdfast-Store", 14) == 0) place = &found->store;
      break;
    case 15:
      if (strncasecmp(name, "Idempotency-Key", 15) == 0) place = &found->idempotency_key;
      if (strncasecmp(name, "Holdfast-Folder", 15) == 0) place = &found->folder;
      break;
    case 17:
      if (strncasecmp(name, "Transfer-Encoding", 17) == 0) {
        place = &found->transfer_encoding;
        found->transfer_encodings++;
      }
      break;
    default:
      break;
  }
  if (place && !*place) *place = value ? value : "";
  return MHD_YES;
}

/// Reads the headers of a request.
static inline struct holdfast_mhd_headers holdfast_mhd_read_headers(
    struct MHD_Connection *_Nonnull connection) {
  struct holdfast_mhd_headers found;
  memset(&found, 0, sizeof found);
  MHD_get_connection_values_n(connection, MHD_HEADER_KIND, holdfast_mhd_collect, &found);
  // The last line, and the empty one behind it, are the same two NULs each.
  if (found.end && memcmp(found.end, "\0\0\0", 4) != 0) found.has_odd_line = true;
  return found;
}

/// Whether a Host names this machine in the usual way, with or without a port.
static inline bool holdfast_mhd_is_usual_host(const char *_Nonnull host) {
  size_t length = strncmp(host, "127.0.0.1", 9) == 0 || strncasecmp(host, "localhost", 9) == 0 ? 9 : 0;
  return length && (host[length] == 0 || host[length] == ':');
}

/// Whether the peer of a socket has closed its side; nothing is read.
static inline int holdfast_mhd_peer_is_gone(int socket) {
  struct pollfd request = {.fd = socket, .events = POLLRDHUP};
  return poll(&request, 1, 0) > 0 && (request.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

/// Whether a socket is a unix socket.
static inline int holdfast_mhd_is_unix(int socket) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  return getsockname(socket, (struct sockaddr *)&address, &length) == 0 &&
         address.ss_family == AF_UNIX;
}

#endif
