#include "core/submit_queue.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "core/limits.hpp"
#include "node.hpp"

namespace openais::test {
namespace {

bool submit(SubmitQueues& queues, Priority priority, std::size_t size) {
  return queues.submit(priority, 0, 0, RingId{}, bytes_of(std::string(size, 'm')));
}

}  // namespace

TEST_CASE("a message waits in the queue of its priority with all that belongs to it") {
  SubmitQueues queues(1 << 12);
  CHECK(queues.empty());
  CHECK(queues.submit(Priority::kHigh, kSubmitSafe, 77, RingId{1, 2, 3}, bytes_of("hello")));
  CHECK_FALSE(queues.empty());
  CHECK(queues.queue(Priority::kLow).empty());
  const std::uint8_t* frame = queues.queue(Priority::kHigh).front();
  REQUIRE(frame != nullptr);
  SubmitHeader header;
  std::memcpy(&header, frame, sizeof header);
  CHECK(header.frame.b == kSubmitSafe);
  CHECK(header.ticket == 77);
  CHECK(header.only_in == RingId{1, 2, 3});
  CHECK(std::string(reinterpret_cast<const char*>(frame) + sizeof header, header.frame.size - sizeof header) ==
        "hello");
  CHECK(queues.used() == frame_padded(sizeof header + 5));
}

TEST_CASE("nothing, and more than a message may be, are not taken") {
  SubmitQueues queues(1 << 22);
  CHECK_FALSE(submit(queues, Priority::kLow, 0));
  CHECK_FALSE(submit(queues, Priority::kLow, kMaxMessage + 1));
  CHECK(queues.empty());
  CHECK(submit(queues, Priority::kLow, kMaxMessage));
  CHECK(queues.take_room() == 0);
}

TEST_CASE("room is told once, for those that refused, when they are half empty") {
  SubmitQueues queues(1 << 10);
  while (submit(queues, Priority::kMedium, 100)) continue;
  CHECK(queues.take_room() == 0);
  ByteRing& ring = queues.queue(Priority::kMedium);
  while (ring.used() > ring.capacity() / 2) {
    ring.pop();
    if (ring.used() > ring.capacity() / 2) CHECK(queues.take_room() == 0);
  }
  CHECK(queues.take_room() == 1u << 2);
  CHECK(queues.take_room() == 0);
  // It has not refused since.
  CHECK(submit(queues, Priority::kMedium, 100));
  ring.pop();
  CHECK(queues.take_room() == 0);
}

TEST_CASE("whoever was refused is told of room, however the threads meet") {
  // The consumer empties the queue and looks once each time that something was put, as the ring thread does; it does
  // not look again.
  SubmitQueues queues(1 << 8);
  constexpr int kMessages = 100000;
  std::atomic<int> puts{0};
  std::atomic<bool> has_room{false};
  std::thread consumer([&] {
    for (int taken = 0, seen = 0; taken < kMessages;) {
      const int now = puts.load(std::memory_order_seq_cst);
      if (now == seen) {
        std::this_thread::yield();
        continue;
      }
      seen = now;
      for (ByteRing& ring = queues.queue(Priority::kHigh); ring.front() != nullptr; ++taken) ring.pop();
      if (queues.take_room() != 0) has_room.store(true, std::memory_order_seq_cst);
    }
  });
  bool is_stuck = false;
  for (int i = 0; i < kMessages && !is_stuck; ++i) {
    while (!submit(queues, Priority::kHigh, 60)) {
      // Refused: nothing more is put before room was told.
      for (int waited = 0; !has_room.exchange(false); ++waited) {
        std::this_thread::yield();
        if (waited > 5'000'000) {
          is_stuck = true;
          break;
        }
      }
      if (is_stuck) break;
    }
    puts.fetch_add(1, std::memory_order_seq_cst);
  }
  CHECK_FALSE(is_stuck);
  if (is_stuck) {
    // Lets the consumer end: what is missing was never put.
    for (int i = 0; i < kMessages; ++i) {
      while (!submit(queues, Priority::kHigh, 60)) puts.fetch_add(1);
      puts.fetch_add(1);
    }
  }
  consumer.join();
}

}  // namespace openais::test
