// Recovery from an old ring into a new one, by the commands that membership gives (totem 1.13, scenarios S18, S19,
// S23).
#include <doctest/doctest.h>

#include <set>

#include "forge.hpp"
#include "membership.hpp"
#include "promises.hpp"

namespace openais::test {
namespace {

// E9. Returns how many stretches more than one node went through.
std::size_t check_virtual_synchrony(const Cluster& cluster) {
  const Synchrony synchrony = virtual_synchrony(cluster);
  REQUIRE(synchrony.broken == "");
  return synchrony.shared;
}

// Everything that these nodes were given, each delivered what it sent, and nothing twice.
void check_self_delivery(const Cluster& cluster, const std::vector<std::size_t>& survivors, std::size_t sent) {
  for (const std::size_t i : survivors) {
    const Node& node = *cluster.nodes[i];
    std::set<std::string> own;
    for (const Delivered& message : node.delivered)
      if (message.sender == node.config.self.node) CHECK(own.insert(message.text).second);
    CAPTURE(i);
    CHECK(own.size() == sent);
  }
}

std::string text(std::size_t node, int number, std::size_t size) {
  std::string out = std::to_string(node) + "." + std::to_string(number) + " ";
  out.resize(std::max(size, out.size()), 'x');
  return out;
}

void submit_all(Cluster& cluster, const std::vector<std::size_t>& indexes, int count, std::size_t size,
                int safe_every = 5) {
  for (int n = 0; n < count; ++n)
    for (const std::size_t i : indexes)
      cluster.nodes[i]->submit(Priority::kMedium, text(i, n, size), n % safe_every == 4);
  for (const std::size_t i : indexes) cluster.submitted(i);
}

void forget_requests(Datagram& datagram) {
  Token token;
  REQUIRE(read_token(Bytes(datagram.bytes).subspan(ShortHeader::kSize), 3, token));
  token.requests.clear();
  datagram.bytes.resize(ShortHeader::kSize + Token::kFixedSize);
  write_token(datagram.bytes.data() + ShortHeader::kSize, token);
}

void lose_token(Cluster& cluster) {
  cluster.token_loss = 1;
  cluster.run(300 * kMillisecond);
  cluster.token_loss = 0;
}

}  // namespace

TEST_CASE("rings of one merge into one ring, each with a transitional configuration of its own") {
  Cluster cluster(3);
  Membership membership(cluster);
  membership.form({0, 1, 2});
  cluster.run(100 * kMillisecond);
  for (const auto& node : cluster.nodes) {
    REQUIRE(node->changes.size() == 3);
    CHECK(node->changes[1].transitional);
    CHECK(node->changes[1].members == std::vector<NodeId>{node->config.self.node});
    CHECK(node->changes[2].members == std::vector<NodeId>{1, 2, 3});
  }
  CHECK(cluster.send(1, Priority::kMedium, "hello"));
  cluster.run(10 * kMillisecond);
  for (const auto& node : cluster.nodes) CHECK(node->delivered.size() == 1);
}

TEST_CASE("with holes at each of three and one of them dead, the two others deliver the same") {
  for (const std::uint16_t accelerated : {std::uint16_t{0}, std::uint16_t{8}})
    for (std::uint64_t stop = 1; stop <= 24; ++stop) {
      CAPTURE(accelerated);
      CAPTURE(stop);
      Cluster cluster(3, {}, accelerated, 20);
      Membership membership(cluster);
      membership.form({0, 1, 2});
      cluster.run(100 * kMillisecond);
      submit_all(cluster, {0, 1, 2}, 40, 700);
      cluster.loss = 0.3;
      // The token is lost at another hop each time.
      std::uint64_t hops = 0;
      cluster.filter = [&](const Datagram& datagram) { return datagram.type() != PacketType::kToken || ++hops < stop; };
      cluster.run(400 * kMillisecond);
      CHECK(cluster.saw(EventType::kTokenLoss));
      cluster.filter = nullptr;
      cluster.loss = 0;
      membership.kill(2);
      membership.form({0, 1});
      cluster.run(300 * kMillisecond);
      CHECK(check_virtual_synchrony(cluster) >= 2);
      check_self_delivery(cluster, {0, 1}, 40);
      CHECK(cluster.nodes[0]->changes.back().members == std::vector<NodeId>{1, 2});
    }
}

TEST_CASE("a message behind a gap of a node that is gone is dropped, one of those who go on is not") {
  // The worked example of totem 2.3: {p, q, r} splits into {p} and {q, r}, which meets {s, t}.
  Cluster cluster(5);
  Membership membership(cluster);
  membership.form({0, 1, 2});
  membership.form({3, 4});
  cluster.run(100 * kMillisecond);
  // p's l is lost to all. The token goes on: p's m and r's n arrive. But no token comes to p again.
  std::vector<std::uint8_t> lost;
  cluster.filter = [&](const Datagram& datagram) {
    if (datagram.type() == PacketType::kData && datagram.from == 0 && lost.empty()) lost = datagram.bytes;
    if (datagram.bytes == lost) return datagram.to == 0;
    return datagram.type() != PacketType::kToken || datagram.to != 0 || lost.empty();
  };
  cluster.nodes[0]->submit(Priority::kHigh, std::string(1430, 'l'));
  cluster.nodes[0]->submit(Priority::kHigh, "m");
  cluster.nodes[2]->submit(Priority::kHigh, "n", true);
  for (const std::size_t i : {std::size_t{0}, std::size_t{2}}) cluster.submitted(i);
  cluster.run(300 * kMillisecond);
  cluster.filter = nullptr;
  cluster.cut = [](std::size_t from, std::size_t to) { return (from == 0) != (to == 0); };
  membership.form({1, 2, 3, 4});
  cluster.run(300 * kMillisecond);
  CHECK(check_virtual_synchrony(cluster) >= 4);
  for (const std::size_t i : {std::size_t{1}, std::size_t{2}}) {
    const Node& node = *cluster.nodes[i];
    const Changed& transitional = node.changes[node.changes.size() - 2];
    CHECK(transitional.members == std::vector<NodeId>{2, 3});
    REQUIRE(node.delivered.size() == 1);
    CHECK(node.delivered[0].text == "n");
    CHECK(transitional.after == 0);
  }
  for (const std::size_t i : {std::size_t{3}, std::size_t{4}}) CHECK(cluster.nodes[i]->delivered.empty());
  CHECK(cluster.nodes[4]->changes.back().members == std::vector<NodeId>{2, 3, 4, 5});
}

TEST_CASE("copies of packets of the largest size arrive at every datagram size (S18)") {
  for (const std::size_t datagram_size : {548u, 1472u, 8972u, 65507u}) {
    CAPTURE(datagram_size);
    EngineConfig config;
    config.datagram_size = datagram_size;
    Cluster cluster(2, config);
    Membership membership(cluster);
    membership.form({0, 1});
    cluster.run(100 * kMillisecond);
    std::size_t largest = 0;
    cluster.filter = [&](const Datagram& datagram) {
      if (datagram.type() == PacketType::kData) largest = std::max(largest, datagram.bytes.size());
      return datagram.type() != PacketType::kData || datagram.to != 1;
    };
    const std::string large(10 * datagram_size, 'L');
    CHECK(cluster.send(0, Priority::kMedium, large));
    cluster.run(kMillisecond);
    lose_token(cluster);
    const std::size_t largest_original = largest;
    cluster.filter = [&](const Datagram& datagram) {
      if (datagram.type() == PacketType::kData) largest = std::max(largest, datagram.bytes.size());
      return true;
    };
    membership.form({0, 1});
    cluster.run(300 * kMillisecond);
    CHECK(cluster.nodes[0]->stats().recovery_copies >= 10);
    CHECK(largest == datagram_size);
    CHECK(largest_original == datagram_size - CopyHeader::kSize);
    for (const auto& node : cluster.nodes) {
      REQUIRE(node->delivered.size() == 1);
      CHECK(node->delivered[0].text == large);
    }
  }
}

TEST_CASE("any number of copies is recovered in a time that grows with their number alone (S19)") {
  for (const int count : {1, 206, 5000}) {
    CAPTURE(count);
    EngineConfig config;
    config.store_packets = 16384;
    Cluster cluster(3, config, 0, 256);
    Membership membership(cluster);
    membership.form({0, 1, 2});
    cluster.run(100 * kMillisecond);
    // Node 3 gets no data at all, and what it asks for is not heard: two others hold everything.
    cluster.filter = [](Datagram& datagram) {
      if (datagram.type() == PacketType::kToken && datagram.from == 2) forget_requests(datagram);
      return datagram.type() != PacketType::kData || datagram.to != 2;
    };
    // Each message fills a packet.
    submit_all(cluster, {0, 1}, count / 2 + count % 2, 1443);
    cluster.run(10 * kMillisecond + static_cast<Time>(count) * 20'000);
    const std::uint64_t held = cluster.nodes[0]->stats().data_originated + cluster.nodes[1]->stats().data_originated;
    CHECK(held >= static_cast<std::uint64_t>(count));
    lose_token(cluster);
    cluster.filter = nullptr;
    membership.form({0, 1, 2});
    const Time start = cluster.now;
    while (membership.forming(0) != 0 && cluster.now < start + 5000 * kMillisecond) cluster.run(kMillisecond / 10);
    // A rotation here takes 60 us; each brings a window of copies, and a few are needed to agree that there are no
    // more.
    CHECK(cluster.now - start < kMillisecond + (static_cast<Time>(count) / 256 + 20) * 60'000 * 2);
    cluster.run(100 * kMillisecond);
    std::uint64_t copies = 0;
    for (const auto& node : cluster.nodes) copies += node->stats().recovery_copies;
    // Those who hold the same share the work.
    CHECK(copies >= held);
    CHECK(copies <= held + 2 * 256);
    CHECK(check_virtual_synchrony(cluster) > 0);
    check_self_delivery(cluster, {0, 1}, static_cast<std::size_t>(count / 2 + count % 2));
    CHECK(cluster.nodes[2]->delivered == cluster.nodes[0]->delivered);
  }
}

TEST_CASE("a token lost at any hop of recovery, and a second attempt: those who go together deliver the same (S23)") {
  std::size_t shared = 0;
  for (const bool dies : {false, true})
    for (std::uint64_t stop = 1; stop <= 30; ++stop) {
      CAPTURE(dies);
      CAPTURE(stop);
      Cluster cluster(4, {}, 4, 10);
      Membership membership(cluster);
      membership.form({0, 1, 2, 3});
      cluster.run(100 * kMillisecond);
      submit_all(cluster, {0, 1, 2, 3}, 20, 900);
      cluster.loss = 0.4;
      cluster.run(kMillisecond / 2);
      lose_token(cluster);
      membership.kill(3);
      cluster.loss = 0.1;
      std::uint64_t hops = 0;
      cluster.filter = [&](const Datagram& datagram) { return datagram.type() != PacketType::kToken || ++hops < stop; };
      membership.form({0, 1, 2});
      cluster.run(400 * kMillisecond);
      cluster.filter = nullptr;
      cluster.loss = 0;
      const std::vector<std::size_t> rest = dies ? std::vector<std::size_t>{0, 1} : std::vector<std::size_t>{0, 1, 2};
      if (dies) membership.kill(2);
      membership.form(rest);
      cluster.run(400 * kMillisecond);
      for (const std::size_t i : rest) CHECK(membership.forming(i) == 0);
      shared += check_virtual_synchrony(cluster);
      check_self_delivery(cluster, rest, 20);
    }
  CHECK(shared > 100);
}

TEST_CASE("who has received everything is bound to it, whoever is gone at the second attempt") {
  Cluster cluster(4);
  Membership membership(cluster);
  membership.form({0, 1, 2, 3});
  cluster.run(100 * kMillisecond);
  // A packet of node 4 reaches nobody, and node 3 sends behind it.
  bool is_lost = false;
  cluster.filter = [&](const Datagram& datagram) {
    if (datagram.type() == PacketType::kData && datagram.from == 3 && datagram.to != 3) {
      is_lost = true;
      return false;
    }
    return true;
  };
  CHECK(cluster.send(3, Priority::kMedium, "lost"));
  while (!is_lost) cluster.run(10'000);
  CHECK(cluster.nodes[2]->submit(Priority::kMedium, "behind the gap"));
  cluster.submitted(2);
  membership.kill(3);
  cluster.run(400 * kMillisecond);
  CHECK(cluster.saw(EventType::kTokenLoss));
  cluster.filter = nullptr;

  membership.installs = false;
  membership.form({0, 1, 2});
  cluster.run(400 * kMillisecond);
  CHECK(cluster.saw(EventType::kRecovered));
  for (std::size_t i = 0; i < 3; ++i) CHECK(cluster.nodes[i]->delivered.empty());

  membership.installs = true;
  membership.kill(2);
  const std::uint64_t copies = cluster.nodes[0]->stats().recovery_copies;
  membership.form({0, 1});
  cluster.run(100 * kMillisecond);
  CHECK(check_virtual_synchrony(cluster) > 0);
  CHECK(cluster.nodes[0]->stats().recovery_copies == copies);
  for (std::size_t i = 0; i < 2; ++i) {
    // Node 3 is no member of the transitional configuration, but may have delivered its message as one of three.
    REQUIRE(cluster.nodes[i]->delivered.size() == 1);
    CHECK(cluster.nodes[i]->delivered[0].text == "behind the gap");
    CHECK(cluster.nodes[i]->changes.back().members == std::vector<NodeId>{1, 2});
  }
}

TEST_CASE("copies that arrive before a member began its recovery are recovered all the same") {
  Cluster cluster(2);
  Membership membership(cluster);
  membership.form({0, 1});
  cluster.run(100 * kMillisecond);
  cluster.filter = [](const Datagram& datagram) { return datagram.type() != PacketType::kData || datagram.to != 1; };
  CHECK(cluster.send(0, Priority::kMedium, "early"));
  cluster.run(kMillisecond);
  lose_token(cluster);
  cluster.filter = nullptr;

  // By hand: node 2 makes the ring, gets a copy, and only then is told what it recovers.
  const RingId old = membership.id(0);
  const RingId id{1, 0x999, 100};
  const std::vector<Identity> members{cluster.nodes[0]->config.self, cluster.nodes[1]->config.self};
  Node& late = *cluster.nodes[1];
  std::uint64_t low = ~std::uint64_t{0};
  for (std::size_t i = 0; i < 2; ++i) {
    cluster.command(*cluster.nodes[i], command::freeze(membership.ring(i)));
    low = std::min(low, summary_of(cluster.nodes[i]->last(EventType::kSummary)).aru);
    cluster.command(*cluster.nodes[i], command::seal(membership.ring(i)));
    cluster.command(*cluster.nodes[i], command::create_ring(50, 64, 0, id, members));
  }
  cluster.filter = [&](const Datagram& datagram) { return datagram.type() != PacketType::kToken; };
  cluster.command(*cluster.nodes[0], command::recovery_begin(50, membership.ring(0), low, true, {0, 0}, {old}));
  cluster.command(*cluster.nodes[0], command::token_start(50));
  cluster.run(kMillisecond);
  CHECK(cluster.nodes[0]->stats().recovery_copies == 1);
  cluster.filter = nullptr;
  cluster.command(late, command::recovery_begin(50, membership.ring(1), low, true, {0, 0}, {old}));
  cluster.command(late, command::freeze(membership.ring(1)));
  const RingSummary summary = summary_of(late.last(EventType::kSummary));
  CHECK(summary.aru == 1);
}

TEST_CASE("nothing of a ring is delivered between its freeze and the next installation (E23)") {
  Cluster cluster(3, {}, 4);
  Membership membership(cluster);
  membership.form({0, 1, 2});
  cluster.run(100 * kMillisecond);
  submit_all(cluster, {0, 1, 2}, 30, 900);
  cluster.run(kMillisecond / 4);
  for (std::size_t i = 0; i < 3; ++i) cluster.command(*cluster.nodes[i], command::freeze(membership.ring(i)));
  std::vector<std::size_t> delivered;
  for (const auto& node : cluster.nodes) delivered.push_back(node->delivered.size());
  cluster.run(500 * kMillisecond);
  for (std::size_t i = 0; i < 3; ++i) CHECK(cluster.nodes[i]->delivered.size() == delivered[i]);
  CHECK_FALSE(cluster.saw(EventType::kTokenLoss));
  membership.form({0, 1, 2});
  cluster.run(300 * kMillisecond);
  CHECK(check_virtual_synchrony(cluster) > 0);
  check_self_delivery(cluster, {0, 1, 2}, 30);
}

TEST_CASE("no node acknowledges packets of a new ring that it may still throw away (A1)") {
  // Node 3 does not install. The others run, and may deliver nothing safe without it.
  Cluster cluster(3);
  Membership membership(cluster);
  membership.form({0, 1, 2});
  const auto install = cluster.on_recovered;
  cluster.on_recovered = [&](Node& node, std::uint32_t handle) {
    if (&node != cluster.nodes[2].get()) install(node, handle);
  };
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}})
    cluster.nodes[i]->submit(Priority::kMedium, "safe", true);
  cluster.run(150 * kMillisecond);
  for (const auto& node : cluster.nodes) CHECK(node->delivered.empty());
  const std::uint32_t handle = cluster.nodes[2]->last(EventType::kRecovered).handle();
  install(*cluster.nodes[2], handle);
  cluster.run(50 * kMillisecond);
  for (const auto& node : cluster.nodes) CHECK(node->delivered.size() == 2);
}

TEST_CASE("a message in pieces that a change of ring cuts is delivered once and whole") {
  for (std::uint64_t stop = 1; stop < 40; stop += 3) {
    CAPTURE(stop);
    Cluster cluster(3, {}, 4, 12);
    Membership membership(cluster);
    membership.form({0, 1, 2});
    cluster.run(100 * kMillisecond);
    std::vector<std::string> large;
    for (std::size_t i = 0; i < 3; ++i) {
      large.push_back(std::string(40'000, static_cast<char>('a' + i)));
      cluster.nodes[i]->submit(Priority::kLow, large[i]);
      cluster.submitted(i);
    }
    std::uint64_t hops = 0;
    cluster.filter = [&](const Datagram& datagram) { return datagram.type() != PacketType::kToken || ++hops < stop; };
    cluster.run(400 * kMillisecond);
    cluster.filter = nullptr;
    membership.form({0, 1, 2});
    cluster.run(300 * kMillisecond);
    CHECK(check_virtual_synchrony(cluster) > 0);
    for (const auto& node : cluster.nodes) {
      REQUIRE(node->delivered.size() == 3);
      for (const Delivered& message : node->delivered) CHECK(message.text == large[message.sender - 1]);
      CHECK(node->dropped(Drop::kMalformed) == 0);
    }
  }
}

TEST_CASE("after recovery and rest the memory is what it was before (S20)") {
  Cluster cluster(3);
  Membership membership(cluster);
  membership.form({0, 1, 2});
  cluster.run(200 * kMillisecond);
  submit_all(cluster, {0, 1, 2}, 100, 1000);
  cluster.run(kMillisecond);
  lose_token(cluster);
  membership.form({0, 1, 2});
  cluster.run(500 * kMillisecond);
  for (const auto& node : cluster.nodes) {
    CHECK(node->stats().store_used <= 1);
    const std::uint64_t resent = node->stats().data_retransmitted;
    cluster.run(1000 * kMillisecond);
    CHECK(node->stats().data_retransmitted == resent);
  }
}

TEST_CASE("late packets of an old ring count until it is sealed, and not after (B7)") {
  Cluster cluster(2);
  Membership membership(cluster);
  membership.form({0, 1});
  cluster.run(100 * kMillisecond);
  std::vector<Datagram> late;
  cluster.filter = [&](const Datagram& datagram) {
    if (datagram.type() == PacketType::kData && datagram.to == 1) late.push_back(datagram);
    return datagram.type() != PacketType::kData || datagram.to != 1;
  };
  cluster.nodes[0]->submit(Priority::kMedium, std::string(1443, 'a'));
  cluster.nodes[0]->submit(Priority::kMedium, std::string(1443, 'b'));
  cluster.submitted(0);
  cluster.run(kMillisecond / 10);
  REQUIRE(late.size() >= 2);
  Node& node = *cluster.nodes[1];
  cluster.command(node, command::freeze(membership.ring(1)));
  inject(cluster, 0, 1, late[0].bytes);
  cluster.command(node, command::seal(membership.ring(1)));
  CHECK(summary_of(node.last(EventType::kSummary)).aru == 1);
  inject(cluster, 0, 1, late[1].bytes);
  cluster.command(node, command::seal(membership.ring(1)));
  CHECK(summary_of(node.last(EventType::kSummary)).aru == 1);
  CHECK(node.dropped(Drop::kWrongMode) == 1);
  CHECK(node.delivered.empty());
}

}  // namespace openais::test
