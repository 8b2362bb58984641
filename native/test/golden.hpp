// Golden files (test/golden): bytes that tests in C++ and in TypeScript both read. With UPDATE_GOLDEN=1 they are
// recorded anew.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "test/hex.hpp"

namespace openais::test {

using Blocks = std::vector<std::pair<std::string, std::vector<std::uint8_t>>>;

inline std::string golden_path(const std::string& name) {
  const std::string here = __FILE__;
  return here.substr(0, here.rfind("native/test/")) + "test/golden/" + name + ".txt";
}

// Blocks with an empty line between them: a name, then lines of hex.
inline Blocks read_golden(const std::string& name) {
  Blocks blocks;
  std::ifstream file(golden_path(name));
  REQUIRE_MESSAGE(file.good(), golden_path(name));
  std::string title;
  std::string hex;
  const auto end_block = [&] {
    if (!title.empty()) blocks.emplace_back(title, from_hex(hex));
    title.clear();
    hex.clear();
  };
  for (std::string line; std::getline(file, line);) {
    if (line.empty())
      end_block();
    else if (title.empty())
      title = line;
    else
      hex += line;
  }
  end_block();
  return blocks;
}

inline void compare_with_golden(const std::string& name, const Blocks& blocks) {
  if (const char* update = std::getenv("UPDATE_GOLDEN"); update != nullptr && std::string(update) == "1") {
    std::ofstream file(golden_path(name));
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      file << (i == 0 ? "" : "\n") << blocks[i].first;
      const auto& bytes = blocks[i].second;
      for (std::size_t at = 0; at < bytes.size(); at += 4) {
        const std::size_t size = std::min<std::size_t>(4, bytes.size() - at);
        file << (at % 16 == 0 ? "\n" : " ") << to_hex(Bytes(bytes).subspan(at, size));
      }
      file << "\n";
    }
  }
  const Blocks golden = read_golden(name);
  REQUIRE(golden.size() == blocks.size());
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    CHECK(golden[i].first == blocks[i].first);
    CHECK(to_hex(golden[i].second) == to_hex(blocks[i].second));
  }
}

inline const std::vector<std::uint8_t>& block(const Blocks& blocks, const std::string& name) {
  for (const auto& [title, bytes] : blocks)
    if (title == name) return bytes;
  FAIL("no block " << name);
  return blocks.front().second;
}

}  // namespace openais::test
