#include "io/doorbell.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <thread>
#include <vector>

#include "core/byte_ring.hpp"
#include "io/file_descriptor.hpp"

using namespace openais;

namespace {

// One side of the boundary: a queue, the bell of its consumer, and what wakes it.
struct Line {
  ByteRing queue{4096};
  Doorbell bell;
  FileDescriptor wake{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::uint64_t wakes = 0;
  std::uint64_t sleeps = 0;

  bool put(std::uint64_t value) {
    constexpr std::size_t size = kFrameHeader + sizeof value;
    std::uint8_t* at = queue.reserve(size);
    if (at == nullptr) return false;
    const FrameHeader header{size, 1, 0, 0, 0};
    std::memcpy(at, &header, sizeof header);
    std::memcpy(at + sizeof header, &value, sizeof value);
    queue.commit(size);
    if (bell.ring(1)) {
      ++wakes;
      eventfd_write(wake.get(), 1);
    }
    return true;
  }

  // False: it slept and nobody woke it.
  bool take(std::uint64_t& value) {
    for (;;) {
      if (const std::uint8_t* frame = queue.front()) {
        std::memcpy(&value, frame + kFrameHeader, sizeof value);
        queue.pop();
        return true;
      }
      bell.listen(1);
      if (queue.empty()) {
        ++sleeps;
        pollfd wanted{wake.get(), POLLIN, 0};
        if (poll(&wanted, 1, 10000) != 1) return false;
        eventfd_t count;
        eventfd_read(wake.get(), &count);
      }
      bell.ignore();
    }
  }
};

// One thread publishes and rings, another listens and looks, in as many rounds; they stay close together and meet by
// chance. Returns how often neither noticed the other.
std::size_t count_lost(std::size_t count) {
  struct Round {
    Doorbell bell;
    std::atomic<bool> published{false};
    bool was_rung = false;
    bool was_seen = false;
  };
  constexpr std::size_t kAhead = 8;  // that one may be of the other
  std::vector<Round> rounds(count);
  std::atomic<std::size_t> done[2] = {0, 0};
  const auto keep_pace = [&](std::size_t round, int other) {
    while (round > done[other].load(std::memory_order_relaxed) + kAhead) std::this_thread::yield();
  };
  std::thread bringer([&] {
    for (std::size_t i = 0; i < count; ++i) {
      keep_pace(i, 1);
      rounds[i].published.store(true, std::memory_order_relaxed);
      rounds[i].was_rung = rounds[i].bell.ring(1);
      done[0].store(i, std::memory_order_relaxed);
    }
  });
  for (std::size_t i = 0; i < count; ++i) {
    keep_pace(i, 0);
    rounds[i].bell.listen(1);
    rounds[i].was_seen = rounds[i].published.load(std::memory_order_relaxed);
    done[1].store(i, std::memory_order_relaxed);
  }
  bringer.join();
  std::size_t lost = 0;
  for (const Round& round : rounds) lost += !round.was_rung && !round.was_seen ? 1 : 0;
  return lost;
}

}  // namespace

TEST_CASE("who listens is woken once, and only for what it listens for") {
  Doorbell bell;
  CHECK_FALSE(bell.ring(1));
  bell.listen(1 | 2);
  CHECK_FALSE(bell.ring(4));
  CHECK(bell.ring(2));
  CHECK_FALSE(bell.ring(2));
  CHECK(bell.ring(1));
  bell.listen(1);
  bell.ignore();
  CHECK_FALSE(bell.ring(1));
}

TEST_CASE("what is published while the other goes to sleep is either seen or rung for") {
  for (int batch = 0; batch < 10; ++batch) REQUIRE(count_lost(100'000) == 0);
}

// Each side sleeps after nearly every frame, so that sleeping and publishing meet at every possible moment.
TEST_CASE("no wake-up is lost between two threads that answer each other") {
  constexpr std::uint64_t kRounds = 30'000;
  Line there;
  Line back;
  bool was_woken = true;
  std::thread echo([&] {
    std::uint64_t value = 0;
    while (value != kRounds && was_woken) {
      was_woken = there.take(value);
      back.put(value);
    }
  });
  std::uint64_t answer = 0;
  for (std::uint64_t round = 1; round <= kRounds && answer == round - 1; ++round) {
    there.put(round);
    REQUIRE(back.take(answer));
  }
  echo.join();
  CHECK(was_woken);
  CHECK(answer == kRounds);
}

TEST_CASE("a stream in bursts arrives whole and in order, with fewer wake-ups than frames") {
  constexpr std::uint64_t kFrames = 300'000;
  Line line;
  std::thread producer([&] {
    std::uint64_t pause = 1;
    for (std::uint64_t value = 1; value <= kFrames; ++value) {
      while (!line.put(value)) std::this_thread::yield();
      pause = pause * 6364136223846793005u + 1442695040888963407u;
      if ((pause >> 40) % 64 == 0) std::this_thread::yield();
    }
  });
  std::uint64_t expected = 1;
  for (; expected <= kFrames; ++expected) {
    std::uint64_t value = 0;
    if (!line.take(value) || value != expected) break;
  }
  CHECK(expected == kFrames + 1);
  producer.join();
  CHECK(line.wakes < kFrames);
}
