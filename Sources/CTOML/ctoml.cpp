#include "ctoml.h"
#include "json_text.hpp"
#include "library.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <pthread.h>
#include <string>
#include <string_view>

namespace {

constexpr size_t length_max = 1 << 20;

char *copy(std::string_view text) noexcept {
  auto *result = static_cast<char *>(std::malloc(text.size() + 1));
  if (result == nullptr) return nullptr;
  std::memcpy(result, text.data(), text.size());
  result[text.size()] = 0;
  return result;
}

// The library bounds the depth of values, but not the number of parts of a dotted key, and it takes
// a tree apart recursively. A document with more dots than any configuration has therefore runs on
// a thread whose stack is large enough for that many levels.
template <typename Body> void with_enough_stack(std::string_view text, Body body) {
  const auto dots = static_cast<size_t>(std::count(text.begin(), text.end(), '.'));
  if (dots > depth_max) {
    pthread_attr_t attributes;
    pthread_t thread;
    if (pthread_attr_init(&attributes) == 0) {
      pthread_attr_setstacksize(&attributes, (size_t(1) << 20) + dots * 2048);
      const auto start = [](void *argument) -> void * {
        (*static_cast<Body *>(argument))();
        return nullptr;
      };
      const int failure = pthread_create(&thread, &attributes, start, &body);
      pthread_attr_destroy(&attributes);
      if (failure == 0) {
        pthread_join(thread, nullptr);
        return;
      }
    }
    if (dots > 16 * depth_max) return;
  }
  body();
}

bool is_bare_key_byte(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) || byte == '_' || byte == '-';
}

std::string message_at(size_t line, size_t column, std::string_view what) {
  std::string message = std::to_string(line) + ":" + std::to_string(column) + ": ";
  message += what;
  return message;
}

// Finds the header without a name that made an assertion fail.
std::string message_of_broken_assumption(std::string_view text) {
  size_t line = 1;
  for (size_t start = 0; start < text.size(); line++) {
    const auto end = std::min(text.find('\n', start), text.size());
    const auto skip_blanks = [&](size_t at) {
      while (at < end && (text[at] == ' ' || text[at] == '\t')) at++;
      return at;
    };
    size_t at = skip_blanks(start);
    if (at < end && text[at] == '[') {
      at = skip_blanks(at + (text.substr(at, 2) == "[[" ? 2 : 1));
      const char byte = at < end ? text[at] : '\n';
      if (!is_bare_key_byte(byte) && byte != '"' && byte != '\'' && byte != ']') {
        return message_at(line, at - start + 1, "expected the name of a table");
      }
    }
    start = end + 1;
  }
  return "1:1: this is not TOML";
}

std::string json_of(std::string_view text, std::string &failure) {
  try {
    const toml::table table = toml::parse(text);
    JSONText json;
    json.append(static_cast<const toml::node &>(table));
    if (json.is_too_deep) failure = "1:1: tables are nested deeper than 256 levels";
    return json.text;
  } catch (const toml::parse_error &error) {
    const auto position = error.source().begin;
    failure = message_at(position.line, position.column, error.description());
  } catch (const broken_assumption &) {
    failure = message_of_broken_assumption(text);
  }
  return {};
}

bool locate(
  std::string_view text, const char *const *path, size_t count, toml::source_position &position) {
  const toml::table root = toml::parse(text);
  const toml::table *table = &root;
  for (size_t index = 0; table != nullptr && index < count; index++) {
    const auto found = table->find(std::string_view(path[index]));
    if (found == table->end()) return false;
    if (index + 1 == count) {
      position = found->first.source().begin;
      return true;
    }
    table = found->second.as_table();
  }
  return false;
}

} // namespace

extern "C" char *holdfast_toml_to_json(const char *text, size_t length, char **error_out) {
  *error_out = nullptr;
  if (length > length_max) {
    *error_out = copy("1:1: the document is larger than 1 MiB");
    return nullptr;
  }
  std::string json;
  std::string failure = "1:1: out of memory";
  with_enough_stack(std::string_view(text, length), [&]() {
    // No exception may leave this target; what can still be thrown is a lack of memory.
    try {
      std::string found;
      json = json_of(std::string_view(text, length), found);
      failure = std::move(found);
    } catch (...) {
    }
  });
  if (failure.empty()) return copy(json);
  *error_out = copy(failure);
  return nullptr;
}

extern "C" bool holdfast_toml_locate(
  const char *text, size_t length, const char *const *path, size_t count, uint32_t *line_out,
  uint32_t *column_out) {
  if (length > length_max) return false;
  bool is_found = false;
  toml::source_position position{};
  with_enough_stack(std::string_view(text, length), [&]() {
    try {
      is_found = locate(std::string_view(text, length), path, count, position);
    } catch (...) {
    }
  });
  *line_out = position.line;
  *column_out = position.column;
  return is_found;
}

extern "C" void holdfast_toml_free(char *text) { std::free(text); }
