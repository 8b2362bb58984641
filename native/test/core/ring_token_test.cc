// Visits of the token (totem 1.4 to 1.10): what is repeated, late, forged or at an edge must change nothing that it
// should not.
#include <doctest/doctest.h>

#include <chrono>

#include "forge.hpp"

namespace openais::test {
namespace {

// `drop`: as what the copies are to be recognised.
std::vector<Delivered> deliveries_of(std::uint16_t accelerated, const EngineConfig& config = {},
                                     const std::vector<Time>& echoes = {}, std::optional<Drop> drop = std::nullopt) {
  Cluster cluster(3, config, accelerated);
  cluster.form();
  cluster.token_echoes = echoes;
  for (int i = 0; i < 300; ++i) {
    for (std::size_t n = 0; n < 3; ++n)
      cluster.send(n, Priority::kMedium, std::to_string(n) + "." + std::to_string(i), i % 5 == 0);
    if (i % 20 == 0) cluster.run(3 * kMillisecond);
  }
  cluster.run(200 * kMillisecond);
  REQUIRE(cluster.nodes[0]->delivered.size() == 900);
  for (const auto& node : cluster.nodes) REQUIRE(node->delivered == cluster.nodes[0]->delivered);
  if (drop) CHECK(cluster.nodes[0]->dropped(*drop) > 100);
  return cluster.nodes[0]->delivered;
}

// A token as node `from` might send it to the next one: right in all fields that a test does not change.
Token token_after(const Cluster& cluster, std::uint64_t seq) {
  Token token;
  token.token_seq = 1'000'000 + cluster.now % 1000;
  token.seq = token.aru = seq;
  token.window = 64;
  return token;
}

std::uint64_t originated(const Cluster& cluster) {
  std::uint64_t sum = 0;
  for (const auto& node : cluster.nodes) sum += node->stats().data_originated;
  return sum;
}

// A ring whose real token is gone, so that forged ones are alone, before it counts as lost.
void silence(Cluster& cluster) {
  cluster.filter = [](const Datagram& datagram) { return datagram.type() != PacketType::kToken; };
  cluster.run(60 * kMillisecond);
}

}  // namespace

TEST_CASE("every token doubled three times and late: the same deliveries as without (S8)") {
  // Sent again by its holder, each with a counter of its own, before the successor had the time to answer.
  EngineConfig hasty;
  hasty.timers.retransmit_min = hasty.timers.retransmit_max = hasty.timers.idle_retransmit = 10'000;
  for (const std::uint16_t accelerated : {std::uint16_t{0}, std::uint16_t{16}}) {
    const std::vector<Delivered> plain = deliveries_of(accelerated);
    CHECK(deliveries_of(accelerated, {}, {0, 10'000, 100'000}, Drop::kReplayed) == plain);
    CHECK(deliveries_of(accelerated, {}, {5'000, kMillisecond, 20 * kMillisecond}, Drop::kReplayed) == plain);
    CHECK(deliveries_of(accelerated, hasty, {}, Drop::kDuplicateToken) == plain);
  }
}

TEST_CASE("a lone packet leaves before the token, of several the last ones after it") {
  for (const std::size_t count : {std::size_t{1}, std::size_t{5}}) {
    Cluster cluster(3, {}, 16);
    cluster.form();
    cluster.send(1, Priority::kMedium, "the token rests here");
    cluster.run(60 * kMillisecond);
    std::string order;
    cluster.filter = [&](const Datagram& datagram) {
      if (datagram.from == 1 && datagram.to == 2) order += datagram.type() == PacketType::kToken ? 't' : 'd';
      return true;
    };
    for (std::size_t i = 0; i < count; ++i) cluster.nodes[1]->submit(Priority::kMedium, std::string(1000, 'x'));
    cluster.submitted(1);
    CHECK(order.substr(0, 2) == (count == 1 ? "dt" : "td"));
  }
}

TEST_CASE("copies of tokens do not hide that the token is lost (S8)") {
  Cluster cluster(3);
  cluster.form();
  for (Time later = kMillisecond; later < 1000 * kMillisecond; later += 20 * kMillisecond)
    cluster.token_echoes.push_back(later);
  cluster.send(0, Priority::kMedium, "busy");
  cluster.run(5 * kMillisecond);
  cluster.cut = [](std::size_t from, std::size_t to) { return from == 1 && to == 2; };
  const Time cut = cluster.now;
  while (!cluster.saw(EventType::kTokenLoss) && cluster.now < cut + 2000 * kMillisecond) cluster.run(kMillisecond);
  const EngineTimers timers;
  CHECK(cluster.now - cut <= timers.token_loss + timers.hold + 2 * kMillisecond);
}

TEST_CASE("disorder and doubled packets change nothing of order and completeness") {
  for (const std::uint16_t accelerated : {std::uint16_t{0}, std::uint16_t{16}}) {
    CAPTURE(accelerated);
    Cluster cluster(4, {}, accelerated);
    cluster.form();
    cluster.jitter = 200'000;
    cluster.duplicate = 0.3;
    cluster.loss = 0.05;
    for (int i = 0; i < 300; ++i)
      for (std::size_t n = 0; n < 4; ++n)
        cluster.send(n, Priority::kMedium, std::string(500, 'd') + std::to_string(i), i % 9 == 0);
    cluster.run(5000 * kMillisecond);
    for (const auto& node : cluster.nodes) {
      REQUIRE(node->delivered.size() == 1200);
      REQUIRE(node->delivered == cluster.nodes[0]->delivered);
      CHECK(node->dropped(Drop::kReplayed) > 0);
    }
    CHECK_FALSE(cluster.saw(EventType::kTokenLoss));
  }
}

TEST_CASE("the first packets of a ring lost at two nodes are there within a few rotations (S14)") {
  Cluster cluster(3);
  cluster.form();
  // Of the first three packets node 2 gets the first and node 3 the third.
  int packets = 0;
  cluster.filter = [&](const Datagram& datagram) {
    if (datagram.type() != PacketType::kData || datagram.to == 0 || packets > 5) return true;
    const int number = packets++ / 2;
    return (datagram.to == 1 && number == 0) || (datagram.to == 2 && number == 2);
  };
  for (int i = 0; i < 3; ++i) cluster.nodes[0]->submit(Priority::kMedium, std::string(1443, 'f'));
  cluster.submitted(0);
  const std::uint64_t before = cluster.nodes[0]->stats().tokens_received;
  while (cluster.nodes[1]->delivered.size() < 3 || cluster.nodes[2]->delivered.size() < 3) {
    REQUIRE(cluster.nodes[0]->stats().tokens_received < before + 5);
    cluster.run(10'000);
  }
  CHECK(cluster.nodes[0]->stats().data_retransmitted + cluster.nodes[1]->stats().data_retransmitted +
            cluster.nodes[2]->stats().data_retransmitted <=
        4);
}

TEST_CASE("a packet with a wild number is dropped, and nobody dies of it (S16)") {
  Cluster cluster(3);
  cluster.form();
  Forger forger(*cluster.nodes[1], cluster.ring_id());
  for (const std::uint32_t seq : {0u, 0xffffffffu, 0x80000000u, 0x7fffffffu, 100000u, 8193u}) {
    const std::uint64_t before =
        cluster.nodes[0]->dropped(Drop::kOutOfRange) + cluster.nodes[0]->dropped(Drop::kDuplicateData);
    inject(cluster, 1, 0, forger.data({seq, 1, 0, 0, 0}, bytes_of("x")));
    CHECK(cluster.nodes[0]->dropped(Drop::kOutOfRange) + cluster.nodes[0]->dropped(Drop::kDuplicateData) == before + 1);
  }
  cluster.send(2, Priority::kMedium, "goes on");
  cluster.run(50 * kMillisecond);
  for (const auto& node : cluster.nodes) CHECK(node->delivered.size() == 1);
}

TEST_CASE("a member that falls a store behind stalls the senders, and all goes on when it can receive again (S16)") {
  EngineConfig config;
  config.store_packets = 128;
  config.timers.fail_to_receive = 60'000 * kMillisecond;
  Cluster cluster(3, config);
  cluster.form();
  cluster.filter = [](const Datagram& datagram) { return datagram.type() != PacketType::kData || datagram.to != 2; };
  std::size_t accepted = 0;
  for (int i = 0; i < 1000; ++i) accepted += cluster.send(0, Priority::kMedium, std::string(1443, 'b'));
  cluster.run(500 * kMillisecond);
  CHECK(originated(cluster) <= 64);
  for (const auto& node : cluster.nodes) CHECK(node->stats().store_used <= 128);
  cluster.filter = nullptr;
  cluster.run(3000 * kMillisecond);
  for (const auto& node : cluster.nodes) CHECK(node->delivered.size() == accepted);
}

TEST_CASE("a window that shrinks in the token is kept from the next rotation on (S17)") {
  Cluster cluster(3, {}, 0, 200);
  cluster.form();
  for (std::size_t n = 0; n < 3; ++n)
    for (int i = 0; i < 2000; ++i) cluster.nodes[n]->submit(Priority::kMedium, std::string(1443, 'w'));
  for (std::size_t n = 0; n < 3; ++n) cluster.submitted(n);
  cluster.run(kMillisecond);
  cluster.filter = [](Datagram& datagram) {
    if (datagram.type() != PacketType::kToken) return true;
    Token token;
    const MutableBytes body = MutableBytes(datagram.bytes).subspan(ShortHeader::kSize);
    REQUIRE(read_token(body, 3, token));
    token.window = 10;
    write_token(body.data(), token);
    return true;
  };
  cluster.run(kMillisecond);
  for (int rotation = 0; rotation < 20; ++rotation) {
    const std::uint64_t before = originated(cluster);
    const std::uint64_t visits = cluster.nodes[0]->stats().tokens_received;
    while (cluster.nodes[0]->stats().tokens_received == visits) cluster.run(5'000);
    CHECK(originated(cluster) - before <= 20);
  }
  CHECK(cluster.nodes[0]->stats().window == 10);
}

TEST_CASE("safe messages are delivered when every member has them, and hold those behind them back") {
  Cluster cluster(3);
  cluster.form();
  // Node 3 gets no data: what is safe is never safe, what is agreed is delivered until a safe one stands in front.
  cluster.filter = [](const Datagram& datagram) { return datagram.type() != PacketType::kData || datagram.to != 2; };
  cluster.send(0, Priority::kMedium, "agreed");
  cluster.run(5 * kMillisecond);
  cluster.send(0, Priority::kMedium, "safe", true);
  cluster.run(5 * kMillisecond);
  cluster.send(1, Priority::kMedium, "agreed behind");
  cluster.run(50 * kMillisecond);
  REQUIRE(cluster.nodes[0]->delivered.size() == 1);
  CHECK(cluster.nodes[0]->delivered[0].text == "agreed");
  cluster.filter = nullptr;
  cluster.run(50 * kMillisecond);
  for (const auto& node : cluster.nodes) {
    REQUIRE(node->delivered.size() == 3);
    CHECK(node->delivered[1].safe);
  }
}

TEST_CASE("a member that receives no data is named by the others within the limit (S24)") {
  EngineConfig config;
  config.timers.fail_to_receive = 200 * kMillisecond;
  Cluster cluster(3, config);
  cluster.form();
  cluster.filter = [](const Datagram& datagram) { return datagram.type() != PacketType::kData || datagram.to != 1; };
  const Time start = cluster.now;
  for (int i = 0; i < 50 && !cluster.saw(EventType::kFailedToReceive); ++i) {
    cluster.send(0, Priority::kMedium, std::string(1443, 'f'));
    cluster.run(10 * kMillisecond);
  }
  REQUIRE(cluster.saw(EventType::kFailedToReceive));
  CHECK(cluster.now - start < 300 * kMillisecond);
  CHECK_FALSE(cluster.nodes[1]->saw(EventType::kFailedToReceive));
  for (const std::size_t n : {std::size_t{0}, std::size_t{2}}) {
    if (!cluster.nodes[n]->saw(EventType::kFailedToReceive)) continue;
    Reader reader = cluster.nodes[n]->last(EventType::kFailedToReceive).reader();
    reader.u32();
    CHECK(reader.u32() == 2);
  }
}

TEST_CASE("nothing is delivered to its sender before it was sent, in a ring that gives up a member neither (A13)") {
  EngineConfig config;
  config.timers.fail_to_receive = 200 * kMillisecond;
  Cluster cluster(2, config, 16);
  cluster.form();
  std::vector<std::uint64_t> sent;
  cluster.filter = [&](const Datagram& datagram) {
    if (datagram.type() == PacketType::kData && datagram.from == 0)
      sent.push_back(DataHeader::read(datagram.bytes.data() + ShortHeader::kSize).seq_low);
    return datagram.type() != PacketType::kData || datagram.to != 1;
  };
  for (int i = 0; i < 60 && !cluster.saw(EventType::kFailedToReceive); ++i) {
    for (int n = 0; n < 5; ++n) cluster.send(0, Priority::kMedium, std::string(1443, 'f'));
    cluster.run(5 * kMillisecond);
  }
  REQUIRE(cluster.nodes[0]->saw(EventType::kFailedToReceive));
  for (const Delivered& message : cluster.nodes[0]->delivered)
    REQUIRE(std::find(sent.begin(), sent.end(), message.seq) != sent.end());
}

TEST_CASE("a token that goes back behind what was received, or further than a number can be told, is dropped") {
  Cluster cluster(3);
  cluster.form();
  for (int i = 0; i < 20; ++i) cluster.send(1, Priority::kMedium, std::string(1443, 't'));
  cluster.run(20 * kMillisecond);
  silence(cluster);
  Node& node = *cluster.nodes[0];
  cluster.nodes[0]->submit(Priority::kMedium, "waits");
  Forger forger(*cluster.nodes[2], cluster.ring_id());
  const std::uint64_t before = node.stats().data_originated;
  for (const std::uint64_t seq : {std::uint64_t{0}, std::uint64_t{19}, std::uint64_t{20} + (std::uint64_t{1} << 32),
                                  std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
    CAPTURE(seq);
    const std::uint64_t malformed = node.dropped(Drop::kMalformed);
    inject(cluster, 2, 0, forger.token(token_after(cluster, seq)));
    CHECK(node.dropped(Drop::kMalformed) == malformed + 1);
    CHECK(node.stats().data_originated == before);
  }
  inject(cluster, 2, 0, forger.token(token_after(cluster, 20)));
  CHECK(node.stats().data_originated == before + 1);
}

TEST_CASE("a token leaves in a datagram of its size, whatever it was asked to carry") {
  EngineConfig config;
  config.datagram_size = 548;
  Cluster cluster(3, config, 16, 4096);
  cluster.form();
  // Node 1 holds every second packet and answers for all of them: what it cannot answer is left in pieces.
  for (int i = 0; i < 2000; ++i) cluster.nodes[1]->submit(Priority::kMedium, std::string(519, 'r'));
  cluster.filter = [](const Datagram& datagram) {
    return datagram.type() != PacketType::kData || datagram.to != 0 || datagram.order % 2 == 0;
  };
  cluster.submitted(1);
  cluster.run(kMillisecond);
  silence(cluster);
  std::size_t largest = 0;
  cluster.filter = [&](const Datagram& datagram) {
    if (datagram.type() == PacketType::kToken) largest = std::max(largest, datagram.bytes.size());
    return false;
  };
  Token token = token_after(cluster, cluster.nodes[1]->stats().data_originated);
  REQUIRE(token.seq > 1000);
  token.aru = 0;
  token.aru_id = 2;
  token.window = kMaxWindow;
  for (std::uint64_t first = 1; token.requests.size() < kMaxRequests && first + 3 <= token.seq; first += 4)
    token.requests.push_back({first, 3});
  Forger forger(*cluster.nodes[2], cluster.ring_id());
  inject(cluster, 2, 0, forger.token(token));
  CHECK(largest > 0);
  CHECK(largest <= config.datagram_size);
}

TEST_CASE("requests for more than anybody can hold cost no more than a store") {
  Cluster cluster(3);
  cluster.form();
  silence(cluster);
  Token token = token_after(cluster, 0x40000000);
  token.aru = 0;
  token.aru_id = 2;
  for (std::uint64_t i = 0; i < kMaxRequests; ++i) token.requests.push_back({1 + i * 0x10000, 0xffff});
  Forger forger(*cluster.nodes[2], cluster.ring_id());
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 10; ++i) {
    ++token.token_seq;
    inject(cluster, 2, 0, forger.token(token));
  }
  CHECK(cluster.nodes[0]->stats().tokens_received > 10);
  // A step for each number that is named would be 168 million.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(500));
}

TEST_CASE("a data packet that breaks a rule touches nothing") {
  Cluster cluster(3, {}, 16);
  cluster.form();
  silence(cluster);
  Node& node = *cluster.nodes[1];
  Forger forger(*cluster.nodes[0], cluster.ring_id());
  const auto refused = [&](const DataHeader& header, const std::string& payload, Drop reason = Drop::kMalformed) {
    const std::uint64_t before = node.dropped(reason);
    inject(cluster, 0, 1, forger.data(header, bytes_of(payload)));
    return node.dropped(reason) == before + 1 && !node.engine->token_first() && node.stats().store_used <= 1;
  };
  // All of them say that the token is right behind them.
  const auto newer = static_cast<std::uint8_t>(node.stats().tokens_sent + 40);
  constexpr std::uint8_t kPost = DataHeader::kPostToken;
  CHECK(refused({1, 3, kPost, newer, 0}, "an origin that is no member"));
  CHECK(refused({1, 255, kPost, newer, 0}, "an origin that is no member"));
  CHECK(refused({1, 0, kPost | 64, newer, 0}, "an unknown flag"));
  CHECK(refused({1, 0, kPost | 128, newer, 0}, "an unknown flag"));
  CHECK(refused({1, 0, kPost | DataHeader::kCopy, newer, 0}, "a copy in a ring that runs", Drop::kWrongMode));
  CHECK(refused({1, 0, kPost, newer, 0}, std::string(1472 - 13 - 9 - 4, 'x')));  // no room left for a copy header
  inject(cluster, 0, 1, forger.data({1, 0, kPost, newer, 0}, bytes_of("\5right")));
  CHECK(node.engine->token_first());
  CHECK(node.delivered.size() == 1);
}

TEST_CASE("the token comes first from when the predecessor sent behind it until it was processed") {
  Cluster cluster(3, {}, 16);
  cluster.form();
  bool was_first = false;
  for (int i = 0; i < 20; ++i)
    for (std::size_t n = 0; n < 3; ++n) cluster.nodes[n]->submit(Priority::kMedium, std::string(1443, 'a'));
  for (std::size_t n = 0; n < 3; ++n) cluster.submitted(n);
  cluster.filter = [&](const Datagram& datagram) {
    was_first |= cluster.nodes[datagram.to]->engine->token_first();
    return true;
  };
  // Post-token packets arrive a little before the token: it is what is late here.
  cluster.filter = [&](Datagram& datagram) {
    if (datagram.type() == PacketType::kToken) datagram.due += 10'000;
    return true;
  };
  for (int i = 0; i < 200; ++i) {
    cluster.run(5'000);
    for (const auto& node : cluster.nodes) was_first |= node->engine->token_first();
  }
  CHECK(was_first);
  cluster.run(100 * kMillisecond);
  for (const auto& node : cluster.nodes) {
    CHECK_FALSE(node->engine->token_first());
    CHECK(node->delivered.size() == 60);
  }
}

TEST_CASE("drained is told when what was submitted is below the safe line, and not before") {
  Cluster cluster(3);
  cluster.form();
  cluster.filter = [](const Datagram& datagram) { return datagram.type() != PacketType::kData || datagram.to != 2; };
  cluster.send(0, Priority::kMedium, "last words");
  cluster.command(*cluster.nodes[0], command::drain());
  cluster.run(100 * kMillisecond);
  CHECK(cluster.nodes[0]->delivered.size() == 1);
  CHECK_FALSE(cluster.saw(EventType::kDrained));
  cluster.filter = nullptr;
  cluster.run(100 * kMillisecond);
  CHECK(cluster.nodes[0]->count(EventType::kDrained) == 1);
}

}  // namespace openais::test
