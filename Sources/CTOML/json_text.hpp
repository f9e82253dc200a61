// Writes a TOML tree as JSON.
#ifndef HOLDFAST_CTOML_JSON_TEXT_HPP
#define HOLDFAST_CTOML_JSON_TEXT_HPP

#include "library.hpp"

#include <charconv>
#include <cmath>
#include <sstream>
#include <string>
#include <string_view>

namespace {

constexpr size_t depth_max = 256;

class JSONText {
public:
  void append(const toml::node &node) {
    if (is_too_deep || depth == depth_max) {
      is_too_deep = true;
      return;
    }
    depth++;
    switch (node.type()) {
    case toml::node_type::table: append(*node.as_table()); break;
    case toml::node_type::array: append(*node.as_array()); break;
    case toml::node_type::string: append(std::string_view(node.as_string()->get())); break;
    case toml::node_type::integer: text += std::to_string(node.as_integer()->get()); break;
    case toml::node_type::floating_point: append(node.as_floating_point()->get()); break;
    case toml::node_type::boolean: text += node.as_boolean()->get() ? "true" : "false"; break;
    case toml::node_type::date: append_time(node.as_date()->get()); break;
    case toml::node_type::time: append_time(node.as_time()->get()); break;
    case toml::node_type::date_time: append_time(node.as_date_time()->get()); break;
    case toml::node_type::none: text += "null"; break;
    }
    depth--;
  }

  std::string text;
  bool is_too_deep = false;

private:
  size_t depth = 0;

  void append(const toml::table &table) {
    text += '{';
    bool first = true;
    for (const auto &[key, value] : table) {
      if (!first) text += ',';
      first = false;
      append(key.str());
      text += ':';
      append(value);
    }
    text += '}';
  }

  void append(const toml::array &array) {
    text += '[';
    bool first = true;
    for (const auto &value : array) {
      if (!first) text += ',';
      first = false;
      append(value);
    }
    text += ']';
  }

  void append(std::string_view string) {
    static const char digits[] = "0123456789abcdef";
    text += '"';
    for (const char character : string) {
      const auto byte = static_cast<unsigned char>(character);
      if (byte == '"' || byte == '\\') {
        text += '\\';
        text += character;
      } else if (byte < 0x20) {
        text += "\\u00";
        text += digits[byte >> 4];
        text += digits[byte & 15];
      } else {
        text += character;
      }
    }
    text += '"';
  }

  void append(double number) {
    if (std::isnan(number)) {
      text += "\"nan\"";
    } else if (std::isinf(number)) {
      text += number < 0 ? "\"-inf\"" : "\"inf\"";
    } else {
      char digits[64];
      const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
      const std::string_view shortest(digits, static_cast<size_t>(end - digits));
      text += shortest;
      // So that a reader still sees a floating-point number.
      if (shortest.find_first_of(".e") == std::string_view::npos) text += ".0";
    }
  }

  template <typename Time> void append_time(const Time &time) {
    std::ostringstream stream;
    stream << time;
    append(std::string_view(stream.str()));
  }
};

} // namespace

#endif
