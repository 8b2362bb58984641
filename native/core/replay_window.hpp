// Which packet counters of one sender incarnation were seen: each is accepted once, and none that fell out of the
// window (totem 4.2).
#pragma once

#include <array>

#include "limits.hpp"
#include "types.hpp"

namespace openais {

class ReplayWindow {
 public:
  // True if `counter` may be accepted. Asked before the packet is opened, so that a replay costs nothing.
  bool is_new(std::uint64_t counter) const {
    if (counter == 0) return false;
    if (counter > highest_) return true;
    if (highest_ - counter >= kReplayWindow) return false;
    return (word(counter) & bit(counter)) == 0;
  }

  // Remembers a counter whose packet was authentic.
  void accept(std::uint64_t counter) {
    if (counter > highest_) {
      if (counter - highest_ >= kReplayWindow) {
        seen_.fill(0);
        highest_ = counter;
      }
      // Counts up to `counter` and not past it: there may be nothing behind it.
      while (highest_ != counter) {
        ++highest_;
        word(highest_) &= ~bit(highest_);
      }
    }
    word(counter) |= bit(counter);
  }

  std::uint64_t highest() const { return highest_; }

 private:
  static std::uint64_t bit(std::uint64_t counter) { return std::uint64_t{1} << (counter % 64); }
  std::uint64_t& word(std::uint64_t counter) { return seen_[(counter % kReplayWindow) / 64]; }
  const std::uint64_t& word(std::uint64_t counter) const { return seen_[(counter % kReplayWindow) / 64]; }

  std::uint64_t highest_ = 0;
  std::array<std::uint64_t, kReplayWindow / 64> seen_{};
};

}  // namespace openais
