#include "io/ring_thread.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <thread>

#include "core/events.hpp"
#include "core/plain_protection.hpp"
#include "test/core/commands.hpp"
#include "test/io/loopback.hpp"

using namespace openais;
using namespace openais::test;

namespace {

constexpr std::uint8_t kMessageFrame = 1;

Identity identity_of(NodeId node) {
  return {node, 100, 0x1000'0000 + node};
}
RingId boot_ring(NodeId node) {
  return {node, 0x100 + node, 4};
}

// A ring thread and what JavaScript is to it: one thread that sleeps until it is woken.
class Node {
 public:
  Node(NodeId node, const RingThreadConfig& config) : node_(node) {
    std::string error;
    const Waker waker{[](void* fd) { ::eventfd_write(*static_cast<int*>(fd), 1); }, &wake_};
    thread_ = RingThread::start(config, std::make_unique<PlainProtection>(), waker, error);
    REQUIRE_MESSAGE(thread_ != nullptr, error);
    boundary_ = thread_->boundary();
  }

  void command(Frame frame) {
    const Bytes bytes = frame.bytes();
    std::uint8_t* const at = boundary_->commands.reserve(bytes.size());
    REQUIRE(at != nullptr);
    std::memcpy(at, bytes.data(), bytes.size());
    boundary_->commands.commit(bytes.size());
    boundary_->ring_thread(kListenCommands);
  }

  bool submit(std::uint32_t number) {
    const Bytes message(reinterpret_cast<const std::uint8_t*>(&number), sizeof number);
    const bool is_taken = boundary_->submits.submit(Priority::kLow, 0, 0, RingId{}, message);
    if (is_taken) boundary_->ring_thread(kListenSubmits);
    return is_taken;
  }

  void boot() {
    command(command::create_ring(1, 64, 0, boot_ring(node_), {identity_of(node_)}));
    command(command::install(1, 0, 0, {}, {}));
  }

  // Reads until `is_enough`. False: five seconds passed without a wake-up.
  template <typename Enough>
  bool read_until(const Enough& is_enough) {
    for (;;) {
      read();
      if (is_enough()) return true;
      boundary_->reader.listen(kListenEvents | kListenDeliveries);
      if (!boundary_->events.empty() || !boundary_->deliveries.empty()) {
        boundary_->reader.ignore();
        continue;
      }
      if (!wait_readable(wake_, 5000)) return false;
      eventfd_t count = 0;
      ::eventfd_read(wake_, &count);
    }
  }

  void read() {
    while (const std::uint8_t* frame = boundary_->events.front()) {
      const auto type = static_cast<EventType>(frame[4]);
      ++events_[type];
      // Behind the identity of who answered.
      if (type == EventType::kPong) std::memcpy(&peer_lag_ms_, frame + kFrameHeader + 24, sizeof peer_lag_ms_);
      boundary_->events.pop();
    }
    while (const std::uint8_t* frame = boundary_->deliveries.front()) {
      if (frame[4] == kMessageFrame) {
        std::uint32_t number = 0;
        std::memcpy(&number, frame + kFrameHeader + 16, sizeof number);
        delivered_.push_back(number);
      }
      boundary_->deliveries.pop();
    }
  }

  int events(EventType type) { return events_[type]; }
  std::uint32_t peer_lag_ms() const { return peer_lag_ms_; }
  const std::vector<std::uint32_t>& delivered() const { return delivered_; }
  RingThread& thread() { return *thread_; }
  void end() { thread_ = nullptr; }
  Boundary& boundary() { return *boundary_; }
  int wake_fd() const { return wake_; }

 private:
  NodeId node_;
  FileDescriptor wake_owner_{::eventfd(0, EFD_CLOEXEC)};
  int wake_ = wake_owner_.get();
  std::shared_ptr<Boundary> boundary_;
  std::unique_ptr<RingThread> thread_;
  std::map<EventType, int> events_;
  std::uint32_t peer_lag_ms_ = 0;
  std::vector<std::uint32_t> delivered_;
};

RingThreadConfig thread_config(NodeId node, int port) {
  RingThreadConfig config;
  config.engine.self = identity_of(node);
  config.engine.random_seed = {node, 5, 7, 9};
  config.engine.store_packets = 1024;
  // Under a sanitizer, beside other tests, a rotation may take long.
  config.engine.timers.token_loss = 5000 * kMillisecond;
  config.engine.timers.pause = 5000 * kMillisecond;
  config.sizes = {1 << 16, 1 << 18, 1 << 16};
  config.links = {link_config("127.0.4." + std::to_string(node), port)};
  return config;
}

}  // namespace

TEST_CASE("every message that was taken is delivered once and in order, however thread and reader sleep") {
  Node node(1, thread_config(1, next_port()));
  node.boot();
  constexpr std::uint32_t kCount = 20'000;
  std::uint32_t submitted = 0;
  const bool is_done = node.read_until([&] {
    // A burst now and then: between them both sides go to sleep.
    for (int burst = 0; burst < 7 && submitted < kCount && node.submit(submitted); ++burst) ++submitted;
    return node.delivered().size() == kCount;
  });
  REQUIRE(is_done);
  for (std::uint32_t i = 0; i < kCount; ++i) REQUIRE(node.delivered()[i] == i);
  CHECK(node.events(EventType::kInstalled) == 1);
}

TEST_CASE("two rings of one become a ring of two, and deliver the same") {
  const int port = next_port();
  Node first(1, thread_config(1, port));
  Node second(2, thread_config(2, port));
  Node* const nodes[] = {&first, &second};
  for (Node* node : nodes) node->boot();
  for (NodeId i = 1; i <= 2; ++i) {
    // A merge detect makes each known to the other.
    const auto hello = body::merge_detect(boot_ring(i), {i});
    nodes[i - 1]->command(command::control(kNoNode, PacketType::kMergeDetect, hello));
  }
  for (Node* node : nodes) REQUIRE(node->read_until([&] { return node->events(EventType::kControl) >= 1; }));
  const std::vector<Identity> members{identity_of(1), identity_of(2)};
  for (Node* node : nodes) {
    node->command(command::freeze(1));
    node->command(command::create_ring(2, 64, 0, {1, 77, 8}, members));
    node->command(command::seal(1));
    node->command(command::recovery_begin(2, 1, 0, false, {0, 1}, {boot_ring(1), boot_ring(2)}));
  }
  for (Node* node : nodes) REQUIRE(node->read_until([&] { return node->events(EventType::kSummary) == 2; }));
  first.command(command::token_start(2));
  for (NodeId i = 1; i <= 2; ++i) {
    Node* const node = nodes[i - 1];
    REQUIRE(node->read_until([&] { return node->events(EventType::kRecovered) == 1; }));
    node->command(command::install(2, 1, 0, {i}, {i}));
  }
  constexpr std::uint32_t kEach = 2000;
  std::uint32_t submitted[2] = {0, 0};
  const auto is_complete = [&] {
    for (NodeId i = 0; i < 2; ++i)
      while (submitted[i] < kEach && nodes[i]->submit((i << 16) + submitted[i])) ++submitted[i];
    return first.delivered().size() == 2 * kEach;
  };
  REQUIRE(first.read_until(is_complete));
  REQUIRE(second.read_until([&] { return second.delivered().size() == 2 * kEach; }));
  CHECK(first.delivered() == second.delivered());
  CHECK(first.events(EventType::kTokenLoss) == 0);
}

TEST_CASE("a node whose events nobody reads says so in its pongs, and no longer once they are read") {
  const int port = next_port();
  Node first(1, thread_config(1, port));
  Node second(2, thread_config(2, port));
  for (Node* node : {&first, &second}) node->boot();
  second.command(command::control(kNoNode, PacketType::kMergeDetect, body::merge_detect(boot_ring(2), {2})));
  REQUIRE(first.read_until([&] { return first.events(EventType::kControl) == 1; }));
  const auto probe = [&](int pongs) {
    first.command(command::probe(2, 1, kMillisecond));
    REQUIRE(first.read_until([&] { return first.events(EventType::kPong) == pongs; }));
    return first.peer_lag_ms();
  };
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const std::uint32_t lag = probe(1);
  CHECK(lag >= 100);
  CHECK(lag < 5000);
  second.read();
  CHECK(probe(2) == 0);
}

TEST_CASE("a thread that is stopped does what was commanded, ends, wakes once more and is joined") {
  Node node(1, thread_config(1, next_port()));
  for (int i = 0; i < 1000; ++i) node.command(command::freeze(99));
  node.thread().stop();
  REQUIRE(wait_readable(node.wake_fd(), 5000));
  node.end();
  CHECK(node.boundary().commands.empty());
  node.read();
  CHECK(node.events(EventType::kRefused) == 1000);
  Stats stats;
  IoStats io;
  node.boundary().stats.read(stats, io);
  CHECK(io.passes > 0);
}

TEST_CASE("a thread that nobody stopped is stopped by its owner") {
  Node node(1, thread_config(1, next_port()));
  node.boot();
  node.end();
  CHECK(node.boundary().stop.load());
}

TEST_CASE("what a thread offers fits its receive buffers") {
  RingThreadConfig config = thread_config(1, next_port());
  config.engine.datagram_size = 8972;
  Node node(1, config);
  const std::size_t fits = node.thread().receive_buffer() / (2 * 8972);
  CHECK(node.thread().window_offer() == std::clamp(fits, kMinWindowOffer, kMaxWindowOffer));
  CHECK(node.thread().links().size() == 1);
}

TEST_CASE("a thread that cannot be says why") {
  std::string error;
  RingThreadConfig config = thread_config(1, next_port());
  const auto start = [&] { return RingThread::start(config, std::make_unique<PlainProtection>(), {}, error); };
  config.trace_path = "/nonexistent/trace";
  config.trace_bytes = 1024;
  CHECK(start() == nullptr);
  CHECK(error.find("/nonexistent/trace") != std::string::npos);
  config.trace_path.clear();
  config.engine.links = 2;
  CHECK(start() == nullptr);
  CHECK(error.find("links") != std::string::npos);
  config.links.clear();
  CHECK(start() == nullptr);
  config.links = {link_config("192.0.2.77", 5405)};
  config.engine.links = 1;
  CHECK(start() == nullptr);
  CHECK(error.find("192.0.2.77") != std::string::npos);
}
