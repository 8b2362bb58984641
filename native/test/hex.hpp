// Bytes as test vectors print them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/types.hpp"

namespace openais::test {

// Ignores whatever is no hexadecimal digit.
inline std::vector<std::uint8_t> from_hex(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::vector<std::uint8_t> bytes;
  bool is_low = false;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) continue;
    if (is_low) {
      bytes.back() = static_cast<std::uint8_t>(bytes.back() | digit);
    } else {
      bytes.push_back(static_cast<std::uint8_t>(digit << 4));
    }
    is_low = !is_low;
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
