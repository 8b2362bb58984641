// A cluster of three through whatever the fuzzer thinks of: messages, loss, copies, disorder, cuts, pauses, consumers
// that stall, changes of ring at any moment, and on top of them forged packets and commands. As long as nothing was
// forged all that extended virtual synchrony promises is checked, and that the cluster works again when its troubles
// end.
#pragma once

#include <set>

#include "fuzz/harness.hpp"
#include "test/core/membership.hpp"
#include "test/core/promises.hpp"

namespace openais::fuzz {

class ClusterRun {
 public:
  // The first byte says which ring it is, near which number it starts, and whether anything may be forged.
  explicit ClusterRun(Bytes input)
      : choices_(input),
        first_(choices_.u8()),
        cluster_(kNodes, config_of(first_), first_ & 7, 12, small_memory()),
        membership_((cluster_.delay = 200'000, cluster_)) {
    cluster_.filter = [this](Datagram& datagram) { return passes(datagram); };
  }

  void run() {
    constexpr int kSteps = 48;
    membership_.form({0, 1, 2});
    cluster_.run(10 * kMillisecond);
    for (int i = 0; i < kSteps && !choices_.is_done(); ++i) step();
    if (!is_forged_) end_troubles();
    check();
  }

 private:
  using Datagram = test::Datagram;
  static constexpr std::size_t kNodes = 3;
  static constexpr std::uint8_t kMayForge = 0x80;
  static constexpr std::uint8_t kNearEdge = 0x40;

  static EngineConfig config_of(std::uint8_t first) {
    EngineConfig config = small_config();
    if ((first & kNearEdge) != 0)
      config.first_seq = config.first_token_seq = config.first_counter = (std::uint64_t{1} << 32) - 40;
    return config;
  }

  void step() {
    const std::uint8_t what = choices_.u8();
    const std::size_t index = choices_.below(kNodes);
    Node& node = *cluster_.nodes[index];
    switch (what % 13) {
      case 0:
      case 1:
        return submit(index);
      case 2:
        return cluster_.run(static_cast<Time>(choices_.u8()) * 50'000);
      case 3:
        return fate_.push_back(choices_.u8());
      case 4:
        cut_[index][choices_.below(kNodes)] ^= true;
        return;
      case 5:
        node.is_consuming = !node.is_consuming;
        return;
      case 6:
        node.consume(choices_.below(4));
        return;
      case 7:
        node.is_dead = !node.is_dead;
        return;  // stopped and continued: no step, no packet
      case 8:
        return lose_token();
      case 9:
        return form(choices_.u8());
      case 10:
        return node.engine->tick(cluster_.now);
      case 11:
        membership_.installs = !membership_.installs;  // TypeScript is stalled
        return;
      case 12:
        return (first_ & kMayForge) != 0 ? forge(index) : submit(index);
    }
  }

  void submit(std::size_t index) {
    const auto priority = static_cast<Priority>(choices_.below(kPriorities));
    const std::size_t size = 1 + choices_.u16() % 2000;
    std::string text = std::to_string(index) + "." + std::to_string(++messages_) + ".";
    text.resize(std::max(size, text.size()), static_cast<char>('a' + messages_ % 26));
    if (cluster_.send(index, priority, text, choices_.below(3) == 0)) submitted_[index].insert(text);
  }

  // The next datagrams are lost, late or doubled as the fuzzer said.
  bool passes(Datagram& datagram) {
    if (cut_[datagram.from][datagram.to]) return false;
    if (fate_.empty()) return true;
    const std::uint8_t fate = fate_.back();
    fate_.pop_back();
    datagram.due += static_cast<Time>(fate >> 2) * 100'000;
    if ((fate & 3) == 2) cluster_.in_flight.push(datagram);
    return (fate & 3) != 0;
  }

  void lose_token() {
    cluster_.token_loss = 1;
    cluster_.run(300 * kMillisecond);
    cluster_.token_loss = 0;
  }

  void form(std::uint8_t mask) {
    std::vector<std::size_t> indexes;
    for (std::size_t i = 0; i < kNodes; ++i)
      if ((mask & (1u << i)) != 0 && !cluster_.nodes[i]->is_dead) indexes.push_back(i);
    if (!indexes.empty()) membership_.form(indexes);
  }

  void forge(std::size_t index) {
    const std::size_t to = choices_.below(kNodes);
    const std::uint8_t type = choices_.u8();
    const Bytes bytes = choices_.run();
    if (bytes.empty() || to == index) return;
    is_forged_ = true;
    Node& node = *cluster_.nodes[to];
    if (type < 9) {
      Forger forger(*cluster_.nodes[index], membership_.id(to));
      test::inject(cluster_, index, to, forger.packet(static_cast<PacketType>(type), bytes));
    } else {
      test::Frame frame(static_cast<std::uint8_t>(type & 15));
      cluster_.command(node, frame.put(bytes));
    }
  }

  void end_troubles() {
    fate_.clear();
    for (auto& row : cut_) row.fill(false);
    membership_.installs = true;
    for (auto& node : cluster_.nodes) {
      node->is_dead = false;
      node->is_consuming = true;
      cluster_.settle(*node);
    }
    cluster_.run(5 * kMillisecond);
    // Those who are bound by different attempts need a ring of their own first.
    for (int i = 0; i < 2; ++i) {
      membership_.form({0, 1, 2});
      cluster_.run(300 * kMillisecond);
    }
    for (std::size_t i = 0; i < kNodes; ++i) {
      require(membership_.forming(i) == 0, "a ring forms once the troubles end");
      require(cluster_.nodes[i]->changes.back().members.size() == kNodes, "all are in the last configuration");
      std::set<std::string> own;
      for (const auto& message : cluster_.nodes[i]->delivered) {
        require(submitted_[message.sender - 1].contains(message.text), "what is delivered was sent");
        if (message.sender == i + 1) require(own.insert(message.text).second, "nothing is delivered twice");
      }
      require(own == submitted_[i], "a node delivers all that it sent");
    }
    const std::string broken = test::broken_promise(cluster_);
    require(broken.empty(), broken.c_str());
  }

  void check() {
    // The present ring, the old one, and those that wait for room in the deliveries.
    for (const auto& node : cluster_.nodes) check_node(*node, kMaxRings + node->changes.size() + 48);
  }

  Choices choices_;
  std::uint8_t first_;
  Cluster cluster_;
  test::Membership membership_;
  std::vector<std::uint8_t> fate_;
  std::array<std::array<bool, kNodes>, kNodes> cut_{};
  std::array<std::set<std::string>, kNodes> submitted_;
  std::size_t messages_ = 0;
  bool is_forged_ = false;
};

inline void fuzz_cluster(Bytes input) {
  ClusterRun(input).run();
}

}  // namespace openais::fuzz
