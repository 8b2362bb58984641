// The memory between the ring thread and JavaScript (docs/BOUNDARY.md), and the two bells that say when somebody has to
// be woken. It outlives both: JavaScript's views and the thread hold it together.
#pragma once

#include <sys/eventfd.h>

#include <array>

#include "core/stats.hpp"
#include "core/submit_queue.hpp"
#include "io/bounds.hpp"
#include "io/doorbell.hpp"
#include "io/file_descriptor.hpp"
#include "io/io_stats.hpp"

namespace openais {

// What the thread may listen for. A stop is always heard.
constexpr std::uint32_t kListenCommands = 1;
constexpr std::uint32_t kListenSubmits = 2;
// What JavaScript may listen for.
constexpr std::uint32_t kListenEvents = 1;
constexpr std::uint32_t kListenDeliveries = 2;

struct BoundarySizes {
  std::size_t event_bytes = 0;
  std::size_t delivery_bytes = 0;
  std::size_t submit_bytes = 0;
};

// Counters as the thread published them last: each whole, together perhaps of two moments.
class PublishedStats {
 public:
  void publish(const Stats& stats, const IoStats& io) {
    publish_words(0, &stats, kStatsWords);
    publish_words(kStatsWords, &io, kIoWords);
  }
  void read(Stats& stats, IoStats& io) const {
    read_words(0, &stats, kStatsWords);
    read_words(kStatsWords, &io, kIoWords);
  }

 private:
  static constexpr std::size_t kStatsWords = sizeof(Stats) / sizeof(std::uint64_t);
  static constexpr std::size_t kIoWords = sizeof(IoStats) / sizeof(std::uint64_t);
  static_assert(kStatsWords * 8 == sizeof(Stats) && kIoWords * 8 == sizeof(IoStats));

  void publish_words(std::size_t at, const void* from, std::size_t count) {
    std::array<std::uint64_t, kStatsWords + kIoWords> words;
    std::memcpy(words.data(), from, count * sizeof(std::uint64_t));
    for (std::size_t i = 0; i < count; ++i) words_[at + i].store(words[i], std::memory_order_relaxed);
  }
  void read_words(std::size_t at, void* to, std::size_t count) const {
    std::array<std::uint64_t, kStatsWords + kIoWords> words;
    for (std::size_t i = 0; i < count; ++i) words[i] = words_[at + i].load(std::memory_order_relaxed);
    std::memcpy(to, words.data(), count * sizeof(std::uint64_t));
  }

  std::array<std::atomic<std::uint64_t>, kStatsWords + kIoWords> words_{};
};

struct Boundary {
  explicit Boundary(const BoundarySizes& sizes)
      : commands(kCommandBytes),
        events(sizes.event_bytes),
        deliveries(sizes.delivery_bytes),
        submits(sizes.submit_bytes),
        wake_fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  // JavaScript, after it put something into `commands` or `submits`.
  void ring_thread(std::uint32_t what) {
    if (thread.ring(what)) wake_thread();
  }
  void wake_thread() const { ::eventfd_write(wake_fd.get(), 1); }

  ByteRing commands;     // JavaScript produces
  ByteRing events;       // the thread produces
  ByteRing deliveries;   // the thread produces
  SubmitQueues submits;  // JavaScript produces
  Doorbell thread;       // the thread sleeps
  Doorbell reader;       // JavaScript sleeps
  FileDescriptor wake_fd;
  std::atomic<bool> stop{false};
  PublishedStats stats;
};

}  // namespace openais
