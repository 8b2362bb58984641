// Commands of membership: parsed completely, checked against the modes of the rings, carried out or refused
// (docs/BOUNDARY.md).
#include <doctest/doctest.h>

#include "forge.hpp"
#include "membership.hpp"
#include "promises.hpp"

namespace openais::test {
namespace {

// A command to the first node. Why it was refused, or nothing.
std::optional<RefusedReason> refusal(Cluster& cluster, Frame frame) {
  Node& node = *cluster.nodes[0];
  const std::size_t before = node.count(EventType::kRefused);
  cluster.command(node, std::move(frame));
  if (node.count(EventType::kRefused) == before) return std::nullopt;
  Reader reader = node.last(EventType::kRefused).reader();
  reader.u32();
  return static_cast<RefusedReason>(reader.u32());
}

// The same frame, `size` bytes of it, with the size that its header tells.
Frame cut(Frame frame, std::size_t size) {
  const Bytes bytes = frame.bytes();
  Frame out(bytes[4]);
  return out.put(bytes.subspan(8, size - 8));
}

const RingId kRing{1, 7, 4};
const RingId kNext{1, 8, 8};

}  // namespace

TEST_CASE("every command is refused in every length that is not its own, and changes nothing") {
  Cluster cluster(3);
  Membership membership(cluster);
  membership.form({0, 1, 2});
  cluster.run(100 * kMillisecond);
  const std::uint32_t ring = membership.ring(0);
  const std::vector<Identity> members{cluster.nodes[0]->config.self, cluster.nodes[1]->config.self};
  const std::vector<std::uint8_t> leave = body::leave(kRing);
  for (const Frame& frame : {command::create_ring(50, 64, 0, kNext, members), command::freeze(ring),
                             command::seal(ring), command::recovery_begin(50, ring, 0, true, {0, 0}, {kRing}),
                             command::token_start(ring), command::install(50, ring, 0, {1, 2}, {1, 2}),
                             command::destroy(50), command::control(0, PacketType::kLeave, leave), command::plug(1),
                             command::probe(2, 1, 1000), command::drain(), command::lag(5)}) {
    Frame whole = frame;
    const std::size_t size = whole.bytes().size();
    CAPTURE(int{whole.bytes()[4]});
    for (std::size_t shorter = 8; shorter < size; ++shorter)
      REQUIRE(refusal(cluster, cut(frame, shorter)) == RefusedReason::kMalformed);
    Frame longer = frame;
    longer.put(std::uint32_t{0});
    REQUIRE(refusal(cluster, longer) == RefusedReason::kMalformed);
  }
  // The ring runs as before.
  CHECK(cluster.send(0, Priority::kLow, "runs"));
  cluster.run(10 * kMillisecond);
  for (const auto& node : cluster.nodes) CHECK(node->delivered.size() == 1);
}

TEST_CASE("frames that are none are refused, each with its number") {
  Cluster cluster(1);
  Node& node = *cluster.nodes[0];
  const auto refused_number = [&](Bytes bytes) {
    node.engine->command(cluster.now, bytes);
    cluster.settle(node);
    return node.last(EventType::kRefused).handle();
  };
  const std::array<std::uint8_t, 8> zeros{};
  CHECK(refused_number(Bytes{}) == 1);
  CHECK(refused_number(Bytes(zeros).first(7)) == 2);
  CHECK(refused_number(zeros) == 3);
  const std::array<std::uint8_t, 8> unknown{8, 0, 0, 0, 13, 0, 0, 0};
  CHECK(refused_number(unknown) == 4);
  const std::array<std::uint8_t, 8> too_long{9, 0, 0, 0, 11, 0, 0, 0};
  CHECK(refused_number(too_long) == 5);
  CHECK(node.count(EventType::kRefused) == 5);
}

TEST_CASE("a ring has members in order, this node among them, a window, and a handle that is free") {
  Cluster cluster(2);
  const Identity self = cluster.nodes[0]->config.self;
  const Identity other = cluster.nodes[1]->config.self;
  const auto create = [&](std::uint32_t handle, std::uint16_t window, const std::vector<Identity>& members) {
    return refusal(cluster, command::create_ring(handle, window, 0, kRing, members));
  };
  CHECK(create(1, 64, {}) == RefusedReason::kMalformed);
  CHECK(create(1, 64, {other}) == RefusedReason::kMalformed);
  CHECK(create(1, 64, {{self.node, self.incarnation + 1, self.salt}}) == RefusedReason::kMalformed);
  CHECK(create(1, 64, {other, self}) == RefusedReason::kMalformed);
  CHECK(create(1, 64, {self, self}) == RefusedReason::kMalformed);
  CHECK(create(1, 0, {self, other}) == RefusedReason::kMalformed);
  CHECK(create(1, kMaxWindow + 1, {self, other}) == RefusedReason::kMalformed);
  CHECK(create(0, 64, {self, other}) == RefusedReason::kMalformed);
  std::vector<Identity> many{self};
  while (many.size() <= kMaxMembers) many.push_back({static_cast<NodeId>(many.size() + 10), 1, many.size()});
  CHECK(create(1, 64, many) == RefusedReason::kMalformed);
  many.pop_back();
  CHECK_FALSE(create(1, 64, many));
  CHECK(create(1, 64, {self, other}) == RefusedReason::kHandleInUse);
  CHECK_FALSE(create(2, 64, {self, other}));
  CHECK_FALSE(create(3, 64, {self, other}));
  CHECK(create(4, 64, {self, other}) == RefusedReason::kTooMany);
  CHECK_FALSE(refusal(cluster, command::destroy(2)));
  CHECK_FALSE(create(4, 64, {self, other}));
}

TEST_CASE("commands for a ring that is not there are refused") {
  Cluster cluster(1);
  for (const Frame& frame : {command::freeze(9), command::seal(9), command::token_start(9), command::destroy(9),
                             command::install(9, 0, 0, {}, {}), command::recovery_begin(9, 8, 0, true, {0}, {kRing})})
    CHECK(refusal(cluster, frame) == RefusedReason::kNoSuchRing);
}

TEST_CASE("commands that the mode of a ring does not allow are refused") {
  Cluster cluster(3);
  Membership membership(cluster);
  membership.form({0, 1, 2});
  cluster.run(100 * kMillisecond);
  const std::uint32_t ring = membership.ring(0);
  const std::vector<Identity> members{cluster.nodes[0]->config.self, cluster.nodes[1]->config.self};
  const auto wrong = [&](const Frame& frame) { return refusal(cluster, frame) == RefusedReason::kWrongMode; };
  // Running.
  CHECK(wrong(command::seal(ring)));
  CHECK(wrong(command::token_start(ring)));
  CHECK(wrong(command::install(ring, 0, 0, {}, {})));
  CHECK(wrong(command::destroy(ring)));
  CHECK_FALSE(refusal(cluster, command::create_ring(50, 64, 0, kNext, members)));
  CHECK(wrong(command::recovery_begin(50, ring, 0, true, {0, 0}, {kRing})));
  CHECK(wrong(command::install(50, ring, 0, {}, {})));
  // Frozen, twice is once.
  CHECK_FALSE(refusal(cluster, command::freeze(ring)));
  CHECK_FALSE(refusal(cluster, command::freeze(ring)));
  CHECK(summary_of(cluster.nodes[0]->last(EventType::kSummary)).mode == RingMode::kFrozen);
  CHECK(wrong(command::recovery_begin(50, ring, 0, true, {0, 0}, {kRing})));
  CHECK(wrong(command::destroy(ring)));
  // Sealed.
  CHECK_FALSE(refusal(cluster, command::seal(ring)));
  CHECK_FALSE(refusal(cluster, command::seal(ring)));
  CHECK(summary_of(cluster.nodes[0]->last(EventType::kSummary)).mode == RingMode::kSealed);
  CHECK_FALSE(refusal(cluster, command::freeze(ring)));
  CHECK(summary_of(cluster.nodes[0]->last(EventType::kSummary)).mode == RingMode::kSealed);
  CHECK(wrong(command::destroy(ring)));
  CHECK_FALSE(refusal(cluster, command::recovery_begin(50, ring, 0, true, {0, 0}, {kRing})));
  // Nobody has recovered yet.
  CHECK(wrong(command::install(50, ring, 0, {1, 2}, {1, 2})));
  CHECK_FALSE(refusal(cluster, command::freeze(50)));
  CHECK(wrong(command::token_start(50)));
  CHECK_FALSE(refusal(cluster, command::destroy(50)));
  CHECK(cluster.nodes[0]->changes.size() == 3);
}

TEST_CASE("a recovery names an old ring for each member") {
  Cluster cluster(2);
  Membership membership(cluster);
  cluster.run(10 * kMillisecond);
  const std::uint32_t ring = membership.ring(0);
  const std::vector<Identity> members{cluster.nodes[0]->config.self, cluster.nodes[1]->config.self};
  cluster.command(*cluster.nodes[0], command::freeze(ring));
  cluster.command(*cluster.nodes[0], command::seal(ring));
  cluster.command(*cluster.nodes[0], command::create_ring(50, 64, 0, kNext, members));
  const RingId old = membership.id(0);
  CHECK(refusal(cluster, command::recovery_begin(50, ring, 0, true, {0}, {old})) == RefusedReason::kMalformed);
  CHECK(refusal(cluster, command::recovery_begin(50, ring, 0, true, {0, 0, 0}, {old})) == RefusedReason::kMalformed);
  CHECK(refusal(cluster, command::recovery_begin(50, ring, 0, true, {0, 1}, {old})) == RefusedReason::kMalformed);
  CHECK_FALSE(refusal(cluster, command::recovery_begin(50, ring, 0, true, {0, 1}, {old, kRing})));
}

TEST_CASE("the representative alone makes the first token, and one (S22)") {
  Cluster cluster(2);
  const std::vector<Identity> members{cluster.nodes[0]->config.self, cluster.nodes[1]->config.self};
  for (auto& node : cluster.nodes) cluster.command(*node, command::create_ring(1, 64, 0, kRing, members));
  cluster.introduce();
  Node& second = *cluster.nodes[1];
  cluster.command(second, command::token_start(1));
  CHECK(second.count(EventType::kRefused) == 1);
  CHECK(second.stats().tokens_sent == 0);
  CHECK_FALSE(refusal(cluster, command::token_start(1)));
  const std::uint64_t sent = cluster.nodes[0]->stats().tokens_sent;
  CHECK(sent == 1);
  CHECK(refusal(cluster, command::token_start(1)) == RefusedReason::kWrongMode);
  CHECK(cluster.nodes[0]->stats().tokens_sent == sent);
}

TEST_CASE("control packets are checked as if they had come from the network, and go to one node or to all") {
  Cluster cluster(3);
  cluster.form();
  const std::vector<std::uint8_t> good = body::leave(kRing);
  const std::size_t second = cluster.nodes[1]->count(EventType::kControl);
  const std::size_t third = cluster.nodes[2]->count(EventType::kControl);
  CHECK_FALSE(refusal(cluster, command::control(0, PacketType::kLeave, good)));
  CHECK(refusal(cluster, command::control(0, PacketType::kLeave, Bytes(good).first(15))) == RefusedReason::kMalformed);
  CHECK(refusal(cluster, command::control(0, PacketType::kToken, good)) == RefusedReason::kMalformed);
  CHECK(refusal(cluster, command::control(77, PacketType::kLeave, good)) == RefusedReason::kNoPeer);
  cluster.run(kMillisecond);
  CHECK(cluster.nodes[1]->count(EventType::kControl) == second + 1);
  CHECK_FALSE(refusal(cluster, command::control(3, PacketType::kLeave, good)));
  cluster.run(kMillisecond);
  CHECK(cluster.nodes[1]->count(EventType::kControl) == second + 1);
  CHECK(cluster.nodes[2]->count(EventType::kControl) == third + 2);
}

TEST_CASE("probes go to nodes that were heard, in a number that has a bound") {
  Cluster cluster(2);
  CHECK(refusal(cluster, command::probe(2, 1, 0)) == RefusedReason::kNoPeer);
  cluster.introduce();
  CHECK(refusal(cluster, command::probe(2, 0, 0)) == RefusedReason::kMalformed);
  CHECK(refusal(cluster, command::probe(2, 1001, 0)) == RefusedReason::kMalformed);
  CHECK_FALSE(refusal(cluster, command::probe(2, 4, kMillisecond)));
  cluster.run(100 * kMillisecond);
  CHECK(cluster.nodes[0]->count(EventType::kPong) == 4);
}

TEST_CASE("plugged priorities wait, and go on when they are unplugged") {
  Cluster cluster(2);
  cluster.form();
  CHECK_FALSE(refusal(cluster, command::plug(1)));
  cluster.send(0, Priority::kRecovery, "state");
  cluster.send(0, Priority::kHigh, "waits");
  cluster.run(100 * kMillisecond);
  CHECK(cluster.nodes[1]->delivered.size() == 1);
  CHECK_FALSE(refusal(cluster, command::plug(0x0f)));
  cluster.run(100 * kMillisecond);
  CHECK(cluster.nodes[1]->delivered.size() == 2);
}

TEST_CASE("tools submit by a frame") {
  Cluster cluster(2);
  cluster.form();
  const auto frame = [](std::uint8_t priority, const std::string& text) {
    Frame submit(15);
    const Bytes whole = submit.put(bytes_of(text)).bytes();
    std::vector<std::uint8_t> bytes(whole.begin(), whole.end());
    bytes[5] = priority;
    return bytes;
  };
  Node& node = *cluster.nodes[0];
  node.engine->command(cluster.now, frame(3, "by a frame"));
  node.engine->command(cluster.now, frame(4, "no such priority"));
  node.engine->command(cluster.now, frame(0, ""));
  cluster.submitted(0);
  cluster.run(50 * kMillisecond);
  CHECK(node.count(EventType::kRefused) == 2);
  REQUIRE(cluster.nodes[1]->delivered.size() == 1);
  CHECK(cluster.nodes[1]->delivered[0].text == "by a frame");
}

TEST_CASE("room is told when a queue that refused is half empty") {
  Cluster cluster(2);
  cluster.form();
  while (cluster.nodes[0]->submit(Priority::kLow, std::string(100'000, 'f'))) continue;
  cluster.submitted(0);
  CHECK_FALSE(cluster.saw(EventType::kRoom));
  cluster.run(1000 * kMillisecond);
  REQUIRE(cluster.nodes[0]->count(EventType::kRoom) == 1);
  CHECK(cluster.nodes[0]->last(EventType::kRoom).a == 1u << 3);
}

TEST_CASE("a consumer that takes nothing for its limit is told to be slow, once until it takes something (A10)") {
  EngineConfig config;
  config.timers.slow_consumer = 800 * kMillisecond;
  Memory memory;
  memory.deliveries = 1 << 16;
  memory.submits = 1 << 16;
  Cluster cluster(2, config, 0, 64, memory);
  cluster.form();
  Node& slow = *cluster.nodes[1];
  slow.is_consuming = false;
  for (int i = 0; i < 100; ++i) {
    cluster.send(0, Priority::kMedium, std::string(5000, 's'));
    cluster.run(10 * kMillisecond);
  }
  CHECK(slow.count(EventType::kSlow) == 1);
  CHECK(slow.last(EventType::kSlow).handle() == 1);
  CHECK_FALSE(cluster.nodes[0]->saw(EventType::kSlow));
  slow.consume(2);
  cluster.run(1000 * kMillisecond);
  CHECK(slow.count(EventType::kSlow) == 2);
  CHECK_FALSE(cluster.saw(EventType::kTokenLoss));
  CHECK_FALSE(cluster.saw(EventType::kFailedToReceive));
  slow.is_consuming = true;
  cluster.run(3000 * kMillisecond);
  CHECK(slow.delivered.size() == cluster.nodes[0]->delivered.size());
}

TEST_CASE("a consumer that neither takes anything nor leaves loses its ring, so that the others do not wait for ever") {
  EngineConfig config;
  config.timers.slow_consumer = 300 * kMillisecond;
  Memory memory;
  memory.deliveries = 1 << 16;
  memory.submits = 1 << 16;
  Cluster cluster(2, config, 0, 64, memory);
  cluster.form();
  cluster.nodes[1]->is_consuming = false;
  for (int i = 0; i < 20; ++i) cluster.send(0, Priority::kMedium, std::string(5000, 's'));
  cluster.run(440 * kMillisecond);
  CHECK_FALSE(cluster.saw(EventType::kTokenLoss));
  cluster.run(100 * kMillisecond);
  CHECK(cluster.nodes[1]->count(EventType::kTokenLoss) == 1);
  cluster.run(1000 * kMillisecond);
  CHECK(cluster.nodes[0]->count(EventType::kTokenLoss) == 1);
  CHECK(cluster.nodes[1]->count(EventType::kTokenLoss) == 1);
}

TEST_CASE("an installation whose delivery has no room waits, and what comes after it waits behind it") {
  Memory memory;
  memory.deliveries = 1 << 14;
  memory.submits = 1 << 16;
  Cluster cluster(2, {}, 0, 64, memory);
  Membership membership(cluster);
  membership.form({0, 1});
  cluster.run(100 * kMillisecond);
  Node& slow = *cluster.nodes[1];
  slow.is_consuming = false;
  for (int i = 0; i < 20; ++i) cluster.send(0, Priority::kMedium, std::to_string(i) + std::string(3000, 'i'));
  cluster.run(100 * kMillisecond);
  for (int round = 0; round < 3; ++round) {
    membership.form({0, 1});
    cluster.run(100 * kMillisecond);
    cluster.send(1, Priority::kMedium, "round " + std::to_string(round));
  }
  CHECK(slow.delivered.empty());
  for (int i = 0; i < 200; ++i) {
    slow.consume(1);
    cluster.run(5 * kMillisecond);
  }
  slow.is_consuming = true;
  cluster.run(2000 * kMillisecond);
  const Node& other = *cluster.nodes[0];
  REQUIRE(slow.delivered.size() == other.delivered.size());
  CHECK(slow.delivered == other.delivered);
  CHECK(slow.changes.back() == other.changes.back());
  CHECK(virtual_synchrony(cluster).broken.empty());
  CHECK(virtual_synchrony(cluster).shared >= 6);
}

TEST_CASE("two engines with the same inputs do the same, to the byte") {
  const auto run = [] {
    Cluster cluster(3, {}, 8);
    cluster.form();
    cluster.loss = 0.05;
    cluster.jitter = 50'000;
    std::uint64_t hash = 0;
    cluster.filter = [&](const Datagram& datagram) {
      for (const std::uint8_t byte : datagram.bytes) hash = (hash ^ byte) * 0x100000001b3u;
      return true;
    };
    for (int i = 0; i < 100; ++i) {
      for (std::size_t n = 0; n < 3; ++n)
        cluster.send(n, static_cast<Priority>(i % 4), std::string(700, 'e'), i % 3 == 0);
      cluster.run(kMillisecond);
    }
    return hash;
  };
  CHECK(run() == run());
}

}  // namespace openais::test
