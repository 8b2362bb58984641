// Packets of one type, authentic, with any body, into engines that run in a ring of three (totem 4.1: bounds hold
// against a member that is no longer one of ours, too).
#pragma once

#include "fuzz/harness.hpp"

namespace openais::fuzz {

// The input is a sequence: to whom, how long until the next, the body.
inline void fuzz_packets(PacketType type, Bytes input) {
  constexpr std::size_t kPackets = 32;
  Cluster cluster(3, small_config(), 4, 16, small_memory());
  cluster.delay = 200'000;
  cluster.form();
  for (std::size_t i = 0; i < 3; ++i) {
    for (int n = 0; n < 4; ++n) cluster.nodes[i]->submit(Priority::kMedium, std::string(700, 'm'), n == 2);
    cluster.submitted(i);
  }
  Forger forger(*cluster.nodes[1], cluster.ring_id());
  Choices choices(input);
  for (std::size_t n = 0; n < kPackets && !choices.is_done(); ++n) {
    const std::uint8_t control = choices.u8();
    const std::size_t to = (control & 1) != 0 ? 0 : 2;
    if ((control & 2) != 0) cluster.submitted(to);
    test::inject(cluster, 1, to, forger.packet(type, choices.run()));
    cluster.run(static_cast<Time>(control >> 2) * 50'000);
  }
  cluster.run(50 * kMillisecond);
  for (const auto& node : cluster.nodes) check_node(*node, 1);
}

}  // namespace openais::fuzz

// One target a packet type: its file says which.
#define OPENAIS_FUZZ_PACKETS(type)                                                      \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {   \
    openais::fuzz::fuzz_packets(openais::PacketType::type, openais::Bytes(data, size)); \
    return 0;                                                                           \
  }
