// Frames of commands with any contents, as a fault in TypeScript might send them: each is carried out or refused, and
// nothing breaks.
#pragma once

#include "fuzz/harness.hpp"

namespace openais::fuzz {

// The input is a sequence: type of command, to whom, how long until the next, the body.
inline void fuzz_commands(Bytes input) {
  constexpr std::size_t kCommands = 64;
  Cluster cluster(2, small_config(), 4, 16, small_memory());
  cluster.delay = 200'000;
  cluster.form();
  // A driver of the fuzzer's own: nothing is installed unless it says so.
  cluster.on_recovered = [](Node&, std::uint32_t) {};
  for (auto& node : cluster.nodes) node->submit(Priority::kMedium, std::string(700, 'm'));
  Choices choices(input);
  for (std::size_t n = 0; n < kCommands && !choices.is_done(); ++n) {
    const std::uint8_t type = choices.u8();
    const std::uint8_t control = choices.u8();
    Node& node = *cluster.nodes[control & 1];
    test::Frame frame(type);
    frame.put(choices.run());
    const std::uint64_t told = node.seen.size();
    cluster.command(node, frame);
    const std::size_t answers = node.seen.size() - told;
    require(answers <= 8, "a command has few answers");
    if ((control & 2) != 0) cluster.run(static_cast<Time>(control >> 2) * kMillisecond);
  }
  cluster.run(50 * kMillisecond);
  for (const auto& node : cluster.nodes) check_node(*node, kMaxRings + kCommands);
}

}  // namespace openais::fuzz
