// Bytes as test vectors print them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/types.hpp"

namespace openais::test {

// Ignores whatever is no hexadecimal digit.
inline std::vector<std::uint8_t> from_hex(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  int high = -1;
  for (const char c : text) {
    int digit = 0;
    if (c >= '0' && c <= '9') digit = c - '0';
    else if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
    else continue;
    if (high < 0) high = digit;
    else bytes.push_back(static_cast<std::uint8_t>(high * 16 + digit)), high = -1;
  }
  return bytes;
}

inline std::string to_hex(Bytes bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

}  // namespace openais::test
