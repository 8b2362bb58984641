// A ring whose packets are sealed by OpenSSL: what is not authentic is counted, and touches nothing (totem 4.1,
// scenarios S34, S35).
#include <doctest/doctest.h>

#include "crypto/openssl_protection.hpp"
#include "test/core/cluster.hpp"

namespace openais::test {
namespace {

Cluster::Sealing sealing(std::uint8_t key_byte, const std::string& cluster_name = "bank") {
  return [=](const Identity& self) -> std::unique_ptr<Protection> {
    const std::vector<std::uint8_t> key(kGroupKeySize, key_byte);
    std::string error;
    auto made = OpensslProtection::create({Cipher::kAes256Gcm, key, cluster_name, 0, self}, error);
    REQUIRE_MESSAGE(made != nullptr, error);
    return made;
  };
}

// Datagrams of a cluster as they went over the wire, to the node of that index.
std::vector<Datagram> record(Cluster& cluster, std::size_t to) {
  std::vector<Datagram> recorded;
  cluster.filter = [&](const Datagram& datagram) {
    if (datagram.to == to && datagram.from != to) recorded.push_back(datagram);
    return true;
  };
  for (int i = 0; i < 10; ++i) {
    for (std::size_t n = 0; n < cluster.nodes.size(); ++n) cluster.send(n, Priority::kMedium, "recorded", i == 5);
    cluster.run(kMillisecond);
  }
  cluster.introduce();
  cluster.filter = nullptr;
  return recorded;
}

void play(Cluster& cluster, std::size_t to, const Datagram& datagram) {
  std::vector<std::uint8_t> bytes = datagram.bytes;
  cluster.nodes[to]->engine->receive(cluster.now, datagram.socket, 0, endpoint_of(datagram.from), bytes);
  cluster.settle(*cluster.nodes[to]);
}

}  // namespace

TEST_CASE("a sealed ring forms, delivers in one order, and repairs loss") {
  Cluster cluster(3, {}, 8, 64, {}, sealing(7));
  cluster.form();
  cluster.loss = 0.05;
  for (int i = 0; i < 100; ++i)
    for (std::size_t n = 0; n < 3; ++n)
      cluster.send(n, Priority::kMedium, std::to_string(n) + "." + std::to_string(i) + std::string(500, 's'),
                   i % 7 == 0);
  cluster.run(2000 * kMillisecond);
  for (const auto& node : cluster.nodes) {
    REQUIRE(node->delivered.size() == 300);
    CHECK(node->delivered == cluster.nodes[0]->delivered);
    CHECK(node->dropped(Drop::kNotAuthentic) == 0);
  }
}

TEST_CASE("a packet with any bit changed on its way is dropped") {
  Cluster cluster(2, {}, 8, 64, {}, sealing(7));
  cluster.form();
  Node& node = *cluster.nodes[1];
  Random random({1, 2, 3, 4});
  std::size_t changed = 0;
  std::uint64_t dropped_before = node.dropped(Drop::kNotAuthentic);
  cluster.filter = [&](Datagram& datagram) {
    // One copy with a wrong bit goes ahead of each good packet.
    if (datagram.to != 1 || datagram.from == 1 || changed > 500) return true;
    Datagram wrong = datagram;
    wrong.due -= 1000;
    const std::size_t header = is_short(wrong.type()) ? ShortHeader::kSize : LongHeader::kSize;
    wrong.bytes[header + random.next() % (wrong.bytes.size() - header)] ^=
        static_cast<std::uint8_t>(1u << (random.next() % 8));
    cluster.in_flight.push(std::move(wrong));
    ++changed;
    return true;
  };
  for (int i = 0; i < 100; ++i) {
    cluster.send(0, Priority::kMedium, std::string(300, 'b'));
    cluster.run(kMillisecond);
  }
  cluster.run(50 * kMillisecond);
  CHECK(changed > 100);
  CHECK(node.dropped(Drop::kNotAuthentic) - dropped_before == changed);
  CHECK(node.delivered.size() == 100);
  CHECK_FALSE(cluster.saw(EventType::kTokenLoss));
}

TEST_CASE("what was recorded a moment ago, and is played back, is dropped (S34)") {
  Cluster cluster(3, {}, 8, 64, {}, sealing(7));
  cluster.form();
  const std::vector<Datagram> recorded = record(cluster, 2);
  Node& node = *cluster.nodes[2];
  const std::size_t delivered = node.delivered.size();
  const std::size_t events = node.seen.size();
  const std::uint64_t replayed = node.dropped(Drop::kReplayed);
  for (const Datagram& datagram : recorded) play(cluster, 2, datagram);
  CHECK(node.dropped(Drop::kReplayed) - replayed == recorded.size());
  CHECK(node.delivered.size() == delivered);
  CHECK(node.seen.size() == events);
}

TEST_CASE("what was recorded of a former ring and its lives is not believed by a process that started since (S34)") {
  Cluster cluster(3, {}, 8, 64, {}, sealing(7));
  cluster.form();
  const std::vector<Datagram> recorded = record(cluster, 2);
  for (std::size_t i = 0; i < 3; ++i) cluster.nodes[i]->is_dead = true;
  cluster.restart(2, 2);
  Node& node = *cluster.nodes[2];
  for (const Datagram& datagram : recorded) play(cluster, 2, datagram);
  CHECK_FALSE(node.saw(EventType::kControl));
  CHECK(node.delivered.empty());
  CHECK(node.dropped(Drop::kUnfresh) > 0);
  CHECK(node.dropped(Drop::kUnknownRing) > 0);
}

TEST_CASE("packets of a cluster with another key, or another name, are not authentic") {
  Cluster cluster(2, {}, 8, 64, {}, sealing(7));
  cluster.form();
  for (const auto& other_sealing : {sealing(8), sealing(7, "other")}) {
    Cluster other(2, {}, 8, 64, {}, other_sealing);
    other.form();
    Node& node = *cluster.nodes[1];
    const std::uint64_t before = node.dropped(Drop::kNotAuthentic);
    const std::size_t events = node.seen.size();
    const std::vector<Datagram> foreign = record(other, 1);
    for (const Datagram& datagram : foreign) play(cluster, 1, datagram);
    CHECK(node.dropped(Drop::kNotAuthentic) + node.dropped(Drop::kReplayed) - before >= foreign.size());
    CHECK(node.dropped(Drop::kNotAuthentic) > before);
    CHECK(node.seen.size() == events);
  }
}

}  // namespace openais::test
