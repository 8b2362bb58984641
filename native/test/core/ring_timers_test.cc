// Rest, repetition and loss of the token (totem 1.9, A28, A30; scenarios S29, S40).
#include <doctest/doctest.h>

#include "forge.hpp"

namespace openais::test {
namespace {

const EngineTimers kTimers;

// How long until node `to` has delivered one more message.
Time time_to_deliver(Cluster& cluster, std::size_t to) {
  const std::size_t before = cluster.nodes[to]->delivered.size();
  const Time start = cluster.now;
  while (cluster.nodes[to]->delivered.size() == before && cluster.now < start + 1000 * kMillisecond)
    cluster.run(10'000);
  return cluster.now - start;
}

}  // namespace

TEST_CASE("a message wakes a token that rests elsewhere within a rotation or two") {
  Cluster cluster(3);
  cluster.form();
  for (std::size_t n = 0; n < 3; ++n) {
    cluster.run(100 * kMillisecond);
    cluster.send(n, Priority::kMedium, "wake");
    CHECK(time_to_deliver(cluster, (n + 1) % 3) < 200'000);
  }
}

TEST_CASE("with the hold cancel lost a message waits no longer than a hold and a rotation (S29)") {
  for (int moment = 0; moment < 40; ++moment) {
    CAPTURE(moment);
    Cluster cluster(3);
    cluster.form();
    cluster.send(0, Priority::kMedium, "rests with node 1");
    cluster.run(100 * kMillisecond + static_cast<Time>(moment) * kMillisecond);
    cluster.filter = [](const Datagram& datagram) { return datagram.type() != PacketType::kHoldCancel; };
    cluster.send(1, Priority::kMedium, "late");
    CHECK(time_to_deliver(cluster, 2) <= kTimers.hold + 200'000);
  }
}

TEST_CASE("a hold cancel that is lost once is repeated (S29)") {
  Cluster cluster(3);
  cluster.form();
  cluster.send(0, Priority::kMedium, "rests with node 1");
  cluster.run(105 * kMillisecond);
  int lost = 0;
  cluster.filter = [&](const Datagram& datagram) {
    if (datagram.type() != PacketType::kHoldCancel) return true;
    return ++lost > 3;  // to each of three
  };
  cluster.send(1, Priority::kMedium, "late");
  // Three rotations that may each have lingered, twice, and then one.
  CHECK(time_to_deliver(cluster, 2) <= 2 * kTimers.retransmit_min + 500'000);
}

TEST_CASE("hold cancels that come doubled, late or from nowhere cost a rotation each and no more (S29)") {
  Cluster cluster(3);
  cluster.form();
  cluster.run(200 * kMillisecond);
  Forger forger(*cluster.nodes[2], cluster.ring_id());
  const std::uint64_t before = cluster.nodes[0]->stats().tokens_sent;
  for (int i = 0; i < 10; ++i) {
    inject(cluster, 2, 0, forger.short_packet(PacketType::kHoldCancel, Bytes{}));
    inject(cluster, 2, 0, forger.short_packet(PacketType::kHoldCancel, Bytes{}));
  }
  cluster.run(kMillisecond);
  CHECK(cluster.nodes[0]->stats().tokens_sent - before <= 20);
  CHECK_FALSE(cluster.saw(EventType::kTokenLoss));
  inject(cluster, 2, 0, forger.short_packet(PacketType::kHoldCancel, bytes_of("x")));
  CHECK(cluster.nodes[0]->dropped(Drop::kMalformed) == 1);
}

TEST_CASE("a ring at rest does not spin") {
  Cluster cluster(3);
  cluster.form();
  cluster.run(1000 * kMillisecond);
  std::uint64_t before = 0;
  for (const auto& node : cluster.nodes) before += node->stats().packets_sent;
  cluster.run(1000 * kMillisecond);
  std::uint64_t after = 0;
  for (const auto& node : cluster.nodes) after += node->stats().packets_sent;
  // Three hops each time that the token has rested.
  CHECK(after - before <= 3 * (1000 / 23 + 2));
}

TEST_CASE("the token rests with who sent last, so that the next of its messages needs no call for it") {
  Cluster cluster(3);
  cluster.form();
  for (const std::size_t n : {std::size_t{2}, std::size_t{1}}) {
    cluster.send(n, Priority::kMedium, "first");
    cluster.run(60 * kMillisecond);
    const std::uint64_t cancels = cluster.nodes[n]->stats().hold_cancels;
    cluster.send(n, Priority::kMedium, "second");
    CHECK(time_to_deliver(cluster, (n + 1) % 3) < 100'000);
    CHECK(cluster.nodes[n]->stats().hold_cancels == cancels);
  }
}

TEST_CASE("one rotation after a burst the token lingers with its sender, one more and it rests") {
  Cluster cluster(3, {}, 16);
  cluster.form();
  cluster.send(1, Priority::kMedium, "first");
  cluster.run(60 * kMillisecond);
  const auto tokens = [&] { return cluster.nodes[1]->stats().tokens_sent; };
  const std::uint64_t before = tokens();
  const std::uint64_t cancels = cluster.nodes[1]->stats().hold_cancels;
  cluster.send(1, Priority::kMedium, "second");
  // A hop takes 20 µs.
  cluster.run(150'000);
  CHECK(tokens() - before == 1);
  // At hand: neither a call for it nor a rotation lies before the next message.
  cluster.send(1, Priority::kMedium, "third");
  CHECK(time_to_deliver(cluster, 2) <= 30'000);
  CHECK(tokens() - before == 2);
  cluster.run(2 * kMillisecond);
  CHECK(tokens() - before == 3);
  CHECK(cluster.nodes[1]->stats().hold_cancels == cancels);
}

TEST_CASE("a safe message is not held up by a token that lingers") {
  Cluster cluster(3, {}, 16);
  cluster.form();
  cluster.send(1, Priority::kMedium, "first");
  cluster.run(60 * kMillisecond);
  cluster.send(1, Priority::kMedium, "safe", true);
  // It is received in the first rotation, and known to be in the second.
  CHECK(time_to_deliver(cluster, 2) <= 6 * cluster.delay);
}

TEST_CASE("a token that lingers elsewhere comes at once to who has something to send") {
  Cluster cluster(3, {}, 16);
  cluster.form();
  cluster.send(1, Priority::kMedium, "first");
  cluster.run(60 * kMillisecond);
  cluster.send(1, Priority::kMedium, "second");
  cluster.run(100'000);
  cluster.send(0, Priority::kMedium, "other");
  CHECK(time_to_deliver(cluster, 2) <= 110'000);
}

TEST_CASE("a lost token is repeated within a few measured rotations (A30)") {
  Cluster cluster(3);
  cluster.form();
  for (int i = 0; i < 200; ++i) {
    cluster.send(0, Priority::kMedium, "busy");
    cluster.run(200'000);
  }
  for (int i = 0; i < 10; ++i) cluster.nodes[1]->submit(Priority::kMedium, "after the loss");
  cluster.submitted(1);
  cluster.run(200'000);
  // Lost on its way once, when there is work.
  bool is_lost = false;
  cluster.filter = [&](const Datagram& datagram) {
    if (datagram.type() == PacketType::kToken && !is_lost) {
      is_lost = true;
      return false;
    }
    return true;
  };
  cluster.nodes[1]->submit(Priority::kMedium, "in the way of it");
  cluster.submitted(1);
  const Time taken = time_to_deliver(cluster, 2);
  CHECK(is_lost);
  CHECK(taken <= kTimers.retransmit_min + 500'000);
  CHECK_FALSE(cluster.saw(EventType::kTokenLoss));
}

TEST_CASE("loss of one in a hundred delays a message by no more than a few repetitions of the token") {
  Cluster cluster(3, {}, 16);
  cluster.form();
  cluster.loss = cluster.token_loss = 0.01;
  std::vector<Time> taken;
  std::deque<Time> sent;
  std::size_t seen = cluster.nodes[2]->delivered.size();
  for (int step = 0; step < 60'000; ++step) {
    if (step % 20 == 0) {
      sent.push_back(cluster.now);
      cluster.send(1, Priority::kMedium, "paced");
    }
    cluster.run(50'000);
    for (; seen < cluster.nodes[2]->delivered.size(); ++seen) {
      taken.push_back(cluster.now - sent.front());
      sent.pop_front();
    }
  }
  REQUIRE(taken.size() > 2900);
  std::sort(taken.begin(), taken.end());
  CHECK(taken[taken.size() / 2] <= 100'000);
  CHECK(taken[taken.size() * 99 / 100] <= 5 * kMillisecond);
}

TEST_CASE("repetitions of a token come less and less often") {
  Cluster cluster(2);
  cluster.form();
  cluster.send(0, Priority::kMedium, "busy");
  cluster.run(300'000);
  std::vector<Time> sent;
  cluster.filter = [&](const Datagram& datagram) {
    if (datagram.type() == PacketType::kToken) sent.push_back(cluster.now);
    return datagram.type() != PacketType::kToken;
  };
  cluster.send(0, Priority::kMedium, "and again");
  cluster.run(200 * kMillisecond);
  REQUIRE(sent.size() >= 4);
  CHECK(sent.size() < 30);
  for (std::size_t i = 2; i + 1 < sent.size(); ++i) CHECK(sent[i + 1] - sent[i] >= sent[i] - sent[i - 1]);
  CHECK(sent.back() - sent[sent.size() - 2] <= kTimers.retransmit_max);
}

TEST_CASE("a packet that was numbered behind my token tells that it arrived: it is not repeated") {
  Cluster cluster(3);
  cluster.form();
  cluster.run(100 * kMillisecond);
  // Node 2 gets the token of node 1 and sends; then no token goes any further.
  cluster.filter = [](const Datagram& datagram) { return datagram.type() != PacketType::kToken || datagram.from == 0; };
  cluster.nodes[1]->submit(Priority::kMedium, "evidence");
  cluster.send(0, Priority::kMedium, "start");
  cluster.run(100 * kMillisecond);
  CHECK(cluster.nodes[0]->delivered.size() == 2);
  CHECK(cluster.nodes[0]->stats().token_retransmits == 0);
  CHECK(cluster.nodes[1]->stats().token_retransmits > 0);
}

TEST_CASE("every member tells of the loss of the token, each within its limit and once") {
  Cluster cluster(3);
  cluster.form();
  cluster.run(100 * kMillisecond);
  cluster.token_loss = 1;
  const Time start = cluster.now;
  while (cluster.now < start + 600 * kMillisecond) {
    cluster.run(kMillisecond);
    if (cluster.now < start + kTimers.token_loss - kTimers.hold - kMillisecond)
      CHECK_FALSE(cluster.saw(EventType::kTokenLoss));
  }
  for (const auto& node : cluster.nodes) {
    CHECK(node->count(EventType::kTokenLoss) == 1);
    CHECK(node->last(EventType::kTokenLoss).handle() == 1);
  }
}

TEST_CASE("after a pause longer than the loss of a token, it is lost before the queued input is read (A15)") {
  Cluster cluster(3);
  cluster.form();
  cluster.run(100 * kMillisecond);
  // All that arrives while node 3 stands still waits for it.
  std::vector<Datagram> queued;
  cluster.filter = [&](const Datagram& datagram) {
    if (datagram.to != 2) return true;
    queued.push_back(datagram);
    return false;
  };
  cluster.send(0, Priority::kMedium, "while it stood still");
  Node& woken = *cluster.nodes[2];
  woken.is_dead = true;
  cluster.run(600 * kMillisecond);
  REQUIRE_FALSE(queued.empty());
  const std::uint64_t sent = woken.stats().packets_sent;
  for (Datagram& datagram : queued) {
    woken.engine->receive(cluster.now, datagram.socket, 0, endpoint_of(datagram.from), datagram.bytes);
    cluster.settle(woken);
  }
  CHECK(woken.count(EventType::kPaused) == 1);
  REQUIRE(woken.saw(EventType::kTokenLoss));
  Reader paused = woken.last(EventType::kPaused).reader();
  CHECK(paused.u64() >= 500 * kMillisecond);
  CHECK(paused.u64() >= 500 * kMillisecond);
  CHECK(woken.stats().packets_sent == sent);
  CHECK(woken.delivered.empty());
}

TEST_CASE("a pause below the loss of a token is told, and the ring goes on") {
  Cluster cluster(3);
  cluster.form();
  cluster.run(100 * kMillisecond);
  Node& node = *cluster.nodes[1];
  node.is_dead = true;
  cluster.run(kTimers.pause + 60 * kMillisecond);
  node.is_dead = false;
  cluster.run(kMillisecond);
  CHECK(node.saw(EventType::kPaused));
  cluster.send(0, Priority::kMedium, "goes on");
  cluster.run(50 * kMillisecond);
  CHECK_FALSE(cluster.saw(EventType::kTokenLoss));
  CHECK(node.delivered.size() == 1);
}

TEST_CASE("a late tick fires each timer once (S40)") {
  Cluster cluster(3);
  cluster.form();
  cluster.send(0, Priority::kMedium, "rests with node 1");
  cluster.run(100 * kMillisecond);
  Node& node = *cluster.nodes[0];
  const std::uint64_t sent = node.stats().tokens_sent;
  node.engine->tick(cluster.now + 100 * kMillisecond);
  CHECK(node.stats().tokens_sent - sent <= 2);
  CHECK(node.engine->deadline() > cluster.now + 100 * kMillisecond);
}

TEST_CASE("a token that comes while an older one rests here takes its place") {
  Cluster cluster(3);
  cluster.form();
  cluster.send(0, Priority::kMedium, "rests with node 1");
  cluster.run(100 * kMillisecond);
  Node& node = *cluster.nodes[0];
  while (!node.engine->wants_wake() || node.engine->deadline() < cluster.now + 10 * kMillisecond) cluster.run(10'000);
  Token token;
  token.token_seq = 1'000'000;
  token.seq = token.aru = node.delivered.back().seq;
  token.window = 64;
  std::vector<std::uint64_t> forwarded;
  cluster.filter = [&](const Datagram& datagram) {
    if (datagram.type() != PacketType::kToken || datagram.from != 0) return true;
    Token seen;
    REQUIRE(read_token(Bytes(datagram.bytes).subspan(ShortHeader::kSize), 3, seen));
    forwarded.push_back(seen.token_seq);
    return false;
  };
  Forger forger(*cluster.nodes[2], cluster.ring_id());
  inject(cluster, 2, 0, forger.token(token));
  cluster.run(40 * kMillisecond);
  REQUIRE_FALSE(forwarded.empty());
  for (const std::uint64_t token_seq : forwarded) CHECK(token_seq == 1'000'001);
}

TEST_CASE("the time that members take to install is no part of a rotation") {
  Cluster cluster(3);
  std::vector<std::pair<Node*, std::uint32_t>> recovered;
  cluster.on_recovered = [&](Node& node, std::uint32_t handle) { recovered.emplace_back(&node, handle); };
  cluster.form();
  for (std::size_t i = 0; i < 3; ++i) {
    REQUIRE(recovered.size() == i + 1);
    cluster.command(*recovered[i].first, command::install(recovered[i].second, 0, 0, {}, {}));
    cluster.run(30 * kMillisecond);
  }
  for (int i = 0; i < 20; ++i) {
    cluster.send(0, Priority::kMedium, "busy");
    cluster.run(200'000);
  }
  for (const auto& node : cluster.nodes) {
    CHECK(node->stats().rotation_bound_ns > 0);
    CHECK(node->stats().rotation_bound_ns < kMillisecond);
  }
}

}  // namespace openais::test
