// FNV-1a, 64 bits: names messages in traces. Not for anything that an attacker may choose.
#pragma once

#include "types.hpp"

namespace openais {

constexpr std::uint64_t kFnvStart = 0xcbf29ce484222325u;

inline std::uint64_t fnv1a(Bytes bytes, std::uint64_t hash = kFnvStart) {
  for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3u;
  return hash;
}

}  // namespace openais
