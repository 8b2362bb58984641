#include <doctest/doctest.h>

#include "cluster.hpp"

namespace openais::test {
namespace {

void check_all_equal(Cluster& cluster, std::size_t count) {
  for (auto& node : cluster.nodes) {
    REQUIRE(node->delivered.size() == count);
    CHECK(node->delivered == cluster.nodes[0]->delivered);
  }
}

}  // namespace

TEST_CASE("three engines form a ring and deliver all messages in one order") {
  for (const std::uint16_t accelerated : {std::uint16_t{0}, std::uint16_t{16}}) {
    CAPTURE(accelerated);
    Cluster cluster(3, {}, accelerated);
    cluster.form();
    for (auto& node : cluster.nodes) CHECK(node->changes.size() == 1);
    for (int i = 0; i < 200; ++i)
      for (std::size_t n = 0; n < 3; ++n) {
        CHECK(cluster.nodes[n]->submit(Priority::kMedium, "message " + std::to_string(n) + "." + std::to_string(i)));
        cluster.submitted(n);
      }
    cluster.run(200 * kMillisecond);
    check_all_equal(cluster, 600);
  }
}

TEST_CASE("messages of 1 MiB are cut and put together again, beside small ones of a higher priority") {
  Cluster cluster(3, {}, 8, 128);
  cluster.form();
  std::string large(1 << 20, 'x');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 7 + i / 251);
  for (std::size_t n = 0; n < 3; ++n) {
    CHECK(cluster.nodes[n]->submit(Priority::kLow, large));
    CHECK(cluster.nodes[n]->submit(Priority::kHigh, "small"));
    cluster.submitted(n);
  }
  cluster.run(3000 * kMillisecond);
  check_all_equal(cluster, 6);
  std::size_t whole = 0;
  for (const Delivered& message : cluster.nodes[1]->delivered) whole += message.text == large;
  CHECK(whole == 3);
  CHECK(cluster.nodes[1]->delivered[0].text == "small");
}

TEST_CASE("loss of data and tokens is repaired and changes nothing of the order") {
  for (const std::uint16_t accelerated : {std::uint16_t{0}, std::uint16_t{16}}) {
    Cluster cluster(4, {}, accelerated);
    cluster.form();
    cluster.loss = 0.05;
    cluster.token_loss = 0.02;
    for (int i = 0; i < 500; ++i)
      for (std::size_t n = 0; n < 4; ++n) {
        cluster.nodes[n]->submit(Priority::kMedium, std::string(300, static_cast<char>('a' + n)) + std::to_string(i),
                                 i % 7 == 0);
        cluster.submitted(n);
      }
    cluster.run(3000 * kMillisecond);
    CHECK_FALSE(cluster.saw(EventType::kTokenLoss));
    check_all_equal(cluster, 2000);
  }
}

TEST_CASE("an idle token rests, and a message is delivered at once all the same") {
  Cluster cluster(3);
  cluster.form();
  cluster.run(1000 * kMillisecond);
  const std::uint64_t before = cluster.nodes[0]->engine->stats().tokens_sent;
  cluster.run(1000 * kMillisecond);
  // One rotation each time that the token has rested.
  CHECK(cluster.nodes[0]->engine->stats().tokens_sent - before <= 1000 / 23 + 2);
  for (std::size_t n = 0; n < 3; ++n) {
    const std::size_t count = cluster.nodes[2]->delivered.size();
    cluster.nodes[n]->submit(Priority::kMedium, "wake");
    cluster.submitted(n);
    cluster.run(kMillisecond);
    CHECK(cluster.nodes[2]->delivered.size() == count + 1);
    cluster.run(100 * kMillisecond);
  }
}

TEST_CASE("a ring whose token is lost for good freezes and says so") {
  Cluster cluster(3);
  cluster.form();
  cluster.cut = [](std::size_t, std::size_t to) { return to == 1; };
  cluster.run(500 * kMillisecond);
  CHECK(cluster.saw(EventType::kTokenLoss));
}

TEST_CASE("a ring of one delivers what it sends") {
  Cluster cluster(1);
  cluster.form();
  for (int i = 0; i < 1000; ++i) CHECK(cluster.nodes[0]->submit(Priority::kLow, "alone " + std::to_string(i)));
  cluster.submitted(0);
  cluster.run(100 * kMillisecond);
  CHECK(cluster.nodes[0]->delivered.size() == 1000);
}

TEST_CASE("a message for another ring than the present one is not sent, and its ticket says so") {
  Cluster cluster(2);
  cluster.form();
  cluster.nodes[0]->submit(Priority::kMedium, "here", false, 1, cluster.ring_id());
  cluster.nodes[0]->submit(Priority::kMedium, "elsewhere", false, 2, RingId{1, 1, 1});
  cluster.submitted(0);
  cluster.run(20 * kMillisecond);
  check_all_equal(cluster, 1);
  CHECK(cluster.saw(EventType::kPlaced));
}

TEST_CASE("a consumer that stops holds the senders back within the store, and all goes on when it reads again") {
  EngineConfig config;
  config.store_packets = 256;
  Cluster cluster(3, config);
  cluster.form();
  cluster.nodes[2]->is_consuming = false;
  std::size_t accepted = 0;
  for (int round = 0; round < 400; ++round) {
    for (int i = 0; i < 50; ++i) accepted += cluster.nodes[0]->submit(Priority::kMedium, std::string(1000, 'm'));
    cluster.submitted(0);
    cluster.run(10 * kMillisecond);
  }
  for (auto& node : cluster.nodes) CHECK(node->engine->stats().store_used <= 256);
  CHECK(cluster.nodes[2]->engine->stats().messages_delivered < accepted);
  cluster.nodes[2]->is_consuming = true;
  cluster.run(20000 * kMillisecond);
  check_all_equal(cluster, accepted);
}

TEST_CASE("sequence numbers near the edges of 32 and 53 bits behave as any other") {
  for (const std::uint64_t start :
       {(std::uint64_t{1} << 31) - 20, (std::uint64_t{1} << 32) - 20, (std::uint64_t{1} << 53) - 20}) {
    EngineConfig config;
    config.first_seq = config.first_token_seq = config.first_counter = start;
    Cluster cluster(3, config);
    cluster.form();
    cluster.loss = 0.1;
    for (int i = 0; i < 100; ++i) {
      cluster.nodes[1]->submit(Priority::kMedium, std::string(1200, 's'));
      cluster.submitted(1);
    }
    cluster.run(1000 * kMillisecond);
    check_all_equal(cluster, 100);
  }
}

}  // namespace openais::test
