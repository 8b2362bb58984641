// Packets from outside: what is dropped and why, who is believed to be alive (totem 4.2, A20), and who is believed to
// be gone (A29).
#include <doctest/doctest.h>

#include "forge.hpp"

namespace openais::test {
namespace {

using Packet = std::vector<std::uint8_t>;

constexpr std::size_t kStranger = 9;  // where packets come from that no node of the cluster sent

// A process outside of the cluster whose packets are authentic.
struct Outsider {
  explicit Outsider(const Identity& identity, std::uint64_t counter = 1) : identity(identity), counter(counter) {}

  Packet packet(PacketType type, Bytes plain, std::uint32_t cluster_tag = 0) {
    Packet out(LongHeader::kSize);
    LongHeader{type, 0, cluster_tag, identity, counter++}.write(out.data());
    out.insert(out.end(), plain.begin(), plain.end());
    return out;
  }
  Packet leave() { return packet(PacketType::kLeave, body::leave({identity.node, 1, 1})); }
  Packet pong(std::uint64_t nonce, std::uint64_t highest = 0) {
    std::array<std::uint8_t, Pong::kSize> body{};
    write_pong(body.data(), {nonce, 7, highest});
    return packet(PacketType::kPong, body);
  }

  Identity identity;
  std::uint64_t counter;
};

// An engine on a wire that keeps what it sends.
struct Observed {
  explicit Observed(const EngineConfig& config = own_config())
      : node(
            config, {},
            [this](const Destination& to, Bytes bytes) { sent.emplace_back(to, Packet(bytes.begin(), bytes.end())); },
            now) {}

  static EngineConfig own_config() {
    EngineConfig config;
    config.self = {1, 5, 0x1000};
    return config;
  }

  void receive(Packet packet, std::size_t from = kStranger) {
    node.engine->receive(now, PacketClass::kToken, 0, endpoint_of(from), packet);
    settle();
  }
  void tick_at(Time at) {
    now = at;
    node.engine->tick(now);
    settle();
  }
  void settle() {
    node.engine->deliver(now);
    node.consume();
    node.take_events();
  }
  // The nonce of the last probe that was sent.
  std::uint64_t probed() const {
    for (auto it = sent.rbegin(); it != sent.rend(); ++it)
      if (packet_type(it->second) == PacketType::kProbe)
        return read_probe(Bytes(it->second).subspan(LongHeader::kSize))->nonce;
    return 0;
  }
  std::size_t count(PacketType type) const {
    return static_cast<std::size_t>(
        std::count_if(sent.begin(), sent.end(), [&](const auto& item) { return packet_type(item.second) == type; }));
  }

  Time now = 1'000'000'000;
  std::vector<std::pair<Destination, Packet>> sent;
  Node node;
};

}  // namespace

TEST_CASE("packets that cannot be ours are counted by reason and go no further") {
  Observed one;
  Outsider outsider({2, 1, 0x2000});
  const auto drops = [&](Drop reason, Packet packet) {
    const std::uint64_t before = one.node.dropped(reason);
    one.receive(std::move(packet));
    return one.node.dropped(reason) == before + 1;
  };
  CHECK(drops(Drop::kTooShort, {}));
  CHECK(drops(Drop::kVersion, {0}));
  CHECK(drops(Drop::kVersion, {0xc0}));
  CHECK(drops(Drop::kVersion, {(kWireVersion << 6) | 9}));
  const Packet leave = outsider.leave();
  for (std::size_t size = 1; size < LongHeader::kSize; ++size)
    REQUIRE(drops(Drop::kTooShort, Packet(leave.begin(), leave.begin() + static_cast<std::ptrdiff_t>(size))));
  CHECK(drops(Drop::kTooShort, Packet(ShortHeader::kSize - 1, kWireVersion << 6)));
  CHECK(drops(Drop::kUnknownRing, Packet(ShortHeader::kSize, kWireVersion << 6)));
  CHECK(drops(Drop::kForeignCluster, outsider.packet(PacketType::kLeave, body::leave({2, 1, 1}), 77)));
  CHECK(drops(Drop::kMalformed, outsider.packet(PacketType::kLeave, bytes_of("no ring id"))));
  CHECK(drops(Drop::kMalformed, outsider.packet(PacketType::kProbe, bytes_of("short"))));
  CHECK(drops(Drop::kMalformed, outsider.packet(PacketType::kPong, bytes_of("short"))));

  Packet other_slot = outsider.leave();
  other_slot[0] |= 0x30;
  CHECK(drops(Drop::kUnknownSender, other_slot));
  other_slot = Packet(ShortHeader::kSize, (kWireVersion << 6) | 0x10);
  CHECK(drops(Drop::kUnknownSender, other_slot));

  Outsider self(one.node.config.self);
  CHECK(drops(Drop::kOwn, self.leave()));
  Outsider former({1, 4, 0x4444});
  CHECK(drops(Drop::kOldIncarnation, former.leave()));
  Outsider nobody({0, 4, 0x4444});
  CHECK(drops(Drop::kOldIncarnation, nobody.leave()));
  CHECK_FALSE(one.node.saw(EventType::kControl));
}

TEST_CASE("a packet is taken once, however often it comes (S34)") {
  Observed one;
  Outsider outsider({2, 1, 0x2000});
  const Packet leave = outsider.leave();
  one.receive(leave);
  CHECK(one.node.dropped(Drop::kUnfresh) == 1);
  for (int i = 0; i < 5; ++i) one.receive(leave);
  CHECK(one.node.dropped(Drop::kReplayed) == 5);
  CHECK(one.node.dropped(Drop::kUnfresh) == 1);
}

TEST_CASE("a process that introduces itself is challenged, and believed when it answers") {
  Observed one;
  Outsider outsider({2, 1, 0x2000});
  one.receive(outsider.leave());
  CHECK_FALSE(one.node.saw(EventType::kControl));
  REQUIRE(one.count(PacketType::kProbe) == 1);
  CHECK_FALSE(one.sent.back().first.multicast);
  CHECK(one.sent.back().first.to == endpoint_of(kStranger));
  one.receive(outsider.pong(one.probed()));
  // What it had said waited.
  REQUIRE(one.node.count(EventType::kControl) == 1);
  Reader reader = one.node.last(EventType::kControl).reader();
  CHECK(reader.identity() == outsider.identity);
  CHECK(reader.u8() == 0);
  CHECK(static_cast<PacketType>(reader.u8()) == PacketType::kLeave);
  reader.zeros(6);
  CHECK(reader.ring_id() == RingId{2, 1, 1});
  CHECK(reader.done());
  one.receive(outsider.leave());
  CHECK(one.node.count(EventType::kControl) == 2);
  CHECK(one.count(PacketType::kProbe) == 1);
}

TEST_CASE("a recorded life does not answer, and is never believed (S34)") {
  Observed one;
  Outsider recorded({2, 1, 0x2000}, 1000);
  for (int i = 0; i < 100; ++i) {
    one.receive(recorded.leave());
    // It plays back pongs, too: to nonces of another time.
    one.receive(recorded.pong(0x1234 + static_cast<std::uint64_t>(i)));
    one.receive(recorded.pong(0));
    one.now += kMillisecond;
  }
  CHECK_FALSE(one.node.saw(EventType::kControl));
  // Challenged at most every 10 ms.
  CHECK(one.count(PacketType::kProbe) <= 11);
  CHECK(one.node.dropped(Drop::kUnfresh) == 300);
}

TEST_CASE("a nonce is good for one answer") {
  Observed one;
  Outsider outsider({2, 1, 0x2000});
  one.receive(outsider.leave());
  const std::uint64_t nonce = one.probed();
  one.receive(outsider.pong(nonce));
  const std::uint64_t before = one.node.dropped(Drop::kUnfresh);
  one.receive(outsider.pong(nonce));
  CHECK(one.node.dropped(Drop::kUnfresh) == before + 1);
}

TEST_CASE("of what a process said before it answered, the last counts") {
  Observed one;
  Outsider outsider({2, 1, 0x2000});
  one.receive(outsider.leave());
  one.receive(outsider.packet(PacketType::kMergeDetect, body::merge_detect({2, 1, 1}, {2, 3})));
  one.receive(outsider.pong(one.probed()));
  REQUIRE(one.node.count(EventType::kControl) == 1);
  Reader reader = one.node.last(EventType::kControl).reader();
  reader.identity();
  reader.u8();
  CHECK(static_cast<PacketType>(reader.u8()) == PacketType::kMergeDetect);
}

TEST_CASE("once a later life has answered, packets of the earlier ones are dropped") {
  Observed one;
  Outsider earlier({2, 1, 0x2000});
  Outsider later({2, 2, 0x3000});
  one.receive(earlier.leave());
  one.receive(earlier.pong(one.probed()));
  CHECK(one.node.count(EventType::kControl) == 1);
  one.receive(later.leave());
  one.receive(earlier.leave());
  CHECK(one.node.count(EventType::kControl) == 2);  // the later one has not answered yet
  one.receive(later.pong(one.probed()));
  CHECK(one.node.count(EventType::kControl) == 3);
  one.receive(earlier.leave());
  CHECK(one.node.dropped(Drop::kOldIncarnation) == 1);
  CHECK(one.node.count(EventType::kControl) == 3);
}

TEST_CASE("a probe is answered where it came from, to its size, with the lag and the highest life known (A5)") {
  Observed one;
  Outsider later({2, 9, 0x3000});
  one.receive(later.leave());
  one.receive(later.pong(one.probed()));
  one.node.engine->command(one.now, command::lag(250).bytes());
  one.sent.clear();
  Outsider earlier({2, 1, 0x2000});
  std::array<std::uint8_t, Probe::kSize> body{};
  write_probe(body.data(), {0xabcdef});
  const Packet probe = earlier.packet(PacketType::kProbe, body);
  one.receive(probe, 4);
  REQUIRE(one.sent.size() == 1);
  CHECK(one.sent[0].first.to == endpoint_of(4));
  CHECK(one.sent[0].second.size() <= probe.size());
  const auto pong = read_pong(Bytes(one.sent[0].second).subspan(LongHeader::kSize));
  REQUIRE(pong);
  CHECK(pong->nonce == 0xabcdef);
  CHECK(pong->lag_ms == 250);
  CHECK(pong->highest_incarnation == 9);
}

TEST_CASE("a peer that knows a later life of this node tells so, and membership hears of it (A5)") {
  Observed one;
  Outsider outsider({2, 1, 0x2000});
  one.receive(outsider.leave());
  one.receive(outsider.pong(one.probed(), 5));
  CHECK_FALSE(one.node.saw(EventType::kStale));
  one.now += 100 * kMillisecond;
  one.node.engine->command(one.now, command::probe(2, 1, 0).bytes());
  one.tick_at(one.now);
  one.receive(outsider.pong(one.probed(), 6));
  REQUIRE(one.node.saw(EventType::kStale));
  Reader reader = one.node.last(EventType::kStale).reader();
  CHECK(reader.identity() == outsider.identity);
  CHECK(reader.u64() == 6);
}

TEST_CASE("probes that membership asks for are sent at their interval, and each answer is told") {
  Observed one;
  Outsider outsider({2, 1, 0x2000});
  one.receive(outsider.leave());
  one.receive(outsider.pong(one.probed()));
  one.sent.clear();
  const Time start = one.now;
  one.node.engine->command(one.now, command::probe(2, 3, 10 * kMillisecond).bytes());
  one.settle();
  CHECK(one.node.engine->deadline() <= start);
  for (int i = 0; i < 3; ++i) {
    one.tick_at(start + static_cast<Time>(i) * 10 * kMillisecond);
    one.now += 2 * kMillisecond;
    one.receive(outsider.pong(one.probed()));
  }
  CHECK(one.count(PacketType::kProbe) == 3);
  CHECK(one.node.count(EventType::kPong) == 3);
  Reader reader = one.node.last(EventType::kPong).reader();
  CHECK(reader.identity() == outsider.identity);
  CHECK(reader.u32() == 7);
  CHECK(reader.u32() == 2000);
  one.tick_at(start + 1000 * kMillisecond);
  CHECK(one.count(PacketType::kProbe) == 3);
}

TEST_CASE("a packet of a former life that is played back draws nothing to where it came from (S34)") {
  Observed one;
  Outsider alive({2, 2, 0x2000});
  one.receive(alive.leave(), 3);
  one.receive(alive.pong(one.probed()), 3);
  Outsider recorded({2, 1, 0x1111}, 50);
  one.receive(recorded.leave(), 66);
  one.node.engine->command(one.now, command::control(2, PacketType::kLeave, body::leave({1, 1, 1})).bytes());
  CHECK(one.sent.back().first.to == endpoint_of(3));
}

TEST_CASE("a member whose host refuses, and that stays silent, is told to be gone (A29)") {
  Cluster cluster(3);
  cluster.form();
  cluster.run(100 * kMillisecond);
  cluster.nodes[2]->is_dead = true;
  const Time start = cluster.now;
  cluster.nodes[0]->engine->refused(cluster.now, endpoint_of(2));
  cluster.settle(*cluster.nodes[0]);
  const EngineTimers timers;
  while (!cluster.nodes[0]->saw(EventType::kUnreachable) && cluster.now < start + 1000 * kMillisecond)
    cluster.run(kMillisecond);
  REQUIRE(cluster.nodes[0]->count(EventType::kUnreachable) == 1);
  CHECK(cluster.now - start <= timers.silence + 10 * kMillisecond);
  Reader reader = cluster.nodes[0]->last(EventType::kUnreachable).reader();
  CHECK(reader.identity().node == 3);
}

TEST_CASE("a refusal is a hint: a member that answers a probe is not gone (A29)") {
  Cluster cluster(3);
  cluster.form();
  cluster.run(100 * kMillisecond);
  for (int i = 0; i < 20; ++i) {
    cluster.nodes[0]->engine->refused(cluster.now, endpoint_of(2));
    cluster.settle(*cluster.nodes[0]);
    cluster.run(5 * kMillisecond);
  }
  cluster.run(200 * kMillisecond);
  CHECK_FALSE(cluster.saw(EventType::kUnreachable));
  // Nobody's address, and nobody's ring.
  cluster.nodes[0]->engine->refused(cluster.now, endpoint_of(77));
  Observed one;
  one.node.engine->refused(one.now, endpoint_of(2));
  CHECK(one.node.engine->deadline() == kNever);
}

TEST_CASE("no member of a ring is forgotten while it is being made, however many strangers were heard (totem 4.2)") {
  Observed one;
  for (NodeId node = 100; node < 100 + 2 * kMaxPeers; ++node) {
    Outsider stranger({node, 1, node});
    one.receive(stranger.leave());
    one.now += 1;
  }
  // Two that were never heard: to make room for the second must not forget the first.
  const std::vector<Identity> members{one.node.config.self, {2, 1, 0x2000}, {3, 1, 0x3000}};
  one.node.engine->command(one.now, command::create_ring(1, 64, 0, {1, 2, 3}, members).bytes());
  CHECK_FALSE(one.node.saw(EventType::kRefused));
  for (const Identity& member : {members[1], members[2]}) {
    Packet packet(ShortHeader::kSize);
    ShortHeader{PacketType::kHoldCancel, 0, member.tag(), 1, 2}.write(packet.data());
    one.receive(packet);
  }
  CHECK(one.node.dropped(Drop::kUnknownSender) == 0);
  one.node.engine->command(one.now, command::destroy(1).bytes());
}

TEST_CASE("a packet of a ring from somebody who is no member of it is dropped") {
  Cluster cluster(3);
  cluster.form();
  Packet packet(ShortHeader::kSize);
  ShortHeader{PacketType::kHoldCancel, 0, 0xbadbad, 1, cluster.ring_id().nonce}.write(packet.data());
  inject(cluster, 1, 0, packet);
  CHECK(cluster.nodes[0]->dropped(Drop::kUnknownSender) == 1);
}

TEST_CASE("a packet larger than any that is sent here is dropped") {
  Cluster cluster(2);
  cluster.form();
  Forger forger(*cluster.nodes[1], cluster.ring_id());
  inject(cluster, 1, 0, forger.data({1, 1, 0, 0, 0}, bytes_of(std::string(1472, 'x'))));
  inject(cluster, 1, 0, forger.short_packet(PacketType::kData, bytes_of("short")));
  CHECK(cluster.nodes[0]->dropped(Drop::kMalformed) == 2);
}

TEST_CASE("a process too many, whose packets are authentic, is not remembered as long as all others are members") {
  Observed one;
  std::vector<Identity> members{one.node.config.self};
  const auto create = [&](std::uint32_t handle) {
    one.node.engine->command(one.now, command::create_ring(handle, 64, 0, {1, handle, 4}, members).bytes());
  };
  NodeId next = 2;
  for (std::uint32_t handle = 1; handle <= 3; ++handle) {
    members.resize(1);
    while (members.size() < kMaxMembers) members.push_back({next, 1, next}), ++next;
    create(handle);
  }
  // As many strangers as there is room for beside them are replaced by others; no member is.
  for (NodeId node = 10'000; node < 10'000 + 2 * kMaxPeers; ++node) one.receive(Outsider({node, 1, node}).leave());
  CHECK(one.node.dropped(Drop::kOverflow) == 0);
  Packet packet(ShortHeader::kSize);
  ShortHeader{PacketType::kHoldCancel, 0, members.back().tag(), 1, 3}.write(packet.data());
  one.receive(packet);
  CHECK(one.node.dropped(Drop::kUnknownSender) == 0);
}

}  // namespace openais::test
