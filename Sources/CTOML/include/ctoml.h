// TOML 1.0 through toml++, as plain C: the C++ stays inside this target.
#ifndef HOLDFAST_CTOML_H
#define HOLDFAST_CTOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Parses a TOML document and returns it as one JSON object, NUL-terminated.
///
/// Integers keep all their digits, dates and times become strings as TOML writes them, and the
/// numbers that JSON lacks become the strings "nan", "inf" and "-inf". Keys come in byte order.
/// On failure the result is NULL and `*error_out` holds "LINE:COLUMN: what is wrong" (lines and
/// columns count from 1). Either text is released with `holdfast_toml_free`.
char *_Nullable holdfast_toml_to_json(
  const char *_Nonnull text, size_t length, char *_Nullable *_Nonnull error_out);

/// Finds where a key stands in a document that parses.
///
/// `path` names the tables on the way and the key itself, `count` entries in all. False when the
/// document does not parse or holds no such key.
bool holdfast_toml_locate(
  const char *_Nonnull text, size_t length, const char *_Nullable const *_Nonnull path,
  size_t count, uint32_t *_Nonnull line_out, uint32_t *_Nonnull column_out);

/// Releases a text that this library returned; NULL is fine.
void holdfast_toml_free(char *_Nullable text);

#ifdef __cplusplus
}
#endif

#endif
