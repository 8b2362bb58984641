// What all fuzz targets share: a small cluster, a reader of the fuzzer's bytes that never ends, and what has to hold
// whatever comes.
#pragma once

#include <cstdio>
#include <cstdlib>

#include "test/core/forge.hpp"

namespace openais::fuzz {

using test::Cluster;
using test::Forger;
using test::Memory;
using test::Node;

// A finding is a crash, so that the fuzzer keeps the input.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// Choices drawn from the fuzzer's bytes; zeros once they are used up.
class Choices {
 public:
  explicit Choices(Bytes bytes) : bytes_(bytes) {}

  bool is_done() const { return bytes_.empty(); }
  std::uint8_t u8() {
    if (bytes_.empty()) return 0;
    const std::uint8_t value = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return value;
  }
  std::uint16_t u16() {
    const std::uint8_t low = u8();
    return static_cast<std::uint16_t>(low | (u8() << 8));
  }
  std::size_t below(std::size_t bound) { return u8() % bound; }
  // As many bytes as two of them say, as far as there are so many.
  Bytes run() {
    const std::size_t wanted = u16();
    const std::size_t size = std::min(wanted, bytes_.size());
    const Bytes taken = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return taken;
  }

 private:
  Bytes bytes_;
};

constexpr std::size_t kStorePackets = 64;

// Small in everything, so that bounds are reached and thousands of runs fit into a second.
inline EngineConfig small_config() {
  EngineConfig config;
  config.datagram_size = kMinDatagram;
  config.store_packets = kStorePackets;
  return config;
}

inline Memory small_memory() {
  return {1 << 16, 1 << 15, 1 << 14};
}

// Of each node: memory is bounded (a store is twice as wide in recovery), and what it delivered of one ring came in
// order.
inline void check_node(const Node& node, std::size_t rings) {
  require(node.stats().store_used <= rings * 2 * kStorePackets, "a store is bounded");
  for (std::size_t i = 0; i < node.changes.size(); ++i) {
    const std::size_t end = i + 1 < node.changes.size() ? node.changes[i + 1].after : node.delivered.size();
    for (std::size_t m = node.changes[i].after + 1; m < end; ++m)
      require(node.delivered[m - 1].seq <= node.delivered[m].seq, "messages of a ring are delivered in order");
  }
}

}  // namespace openais::fuzz
