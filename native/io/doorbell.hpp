// How one thread wakes another that may or may not be asleep, at the price of one atomic operation if it is not.
//
// Why no wake-up is lost. The sleeper calls listen() and then looks once more at its queues; a bringer publishes into a
// queue and then calls ring(). Both are read-modify-write operations on one word, so one of them comes first:
//   - listen() first: ring() sees the interest and reports that the sleeper has to be woken;
//   - ring() first: listen() reads what ring() wrote, or what a later operation of the word made of it. All of them
//   release and acquire,
//     so everything that the bringer had published is visible to the look that follows, and the sleeper does not go to
//     sleep.
// This holds on every machine and needs no fence; it is why nothing but read-modify-write operations ever touches the
// word.
#pragma once

#include <atomic>
#include <cstdint>

namespace openais {

class Doorbell {
 public:
  // Sleeper: from here on it wants to be woken for what is in `interest`. It has to look at its queues again before it
  // sleeps.
  void listen(std::uint32_t interest) { state_.exchange(interest, std::memory_order_acq_rel); }
  // Sleeper: awake, it looks by itself.
  void ignore() { state_.exchange(0, std::memory_order_acq_rel); }
  // Bringer, after it published. True: the sleeper listens for one of `what`, and it is for the caller to wake it.
  bool ring(std::uint32_t what) { return (state_.fetch_and(~what, std::memory_order_acq_rel) & what) != 0; }

 private:
  alignas(64) std::atomic<std::uint32_t> state_{0};
};

}  // namespace openais
