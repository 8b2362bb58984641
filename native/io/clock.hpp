// The clock of the ring thread. It goes on while the machine is suspended, so that the engine sees a suspension as the
// pause that it is.
#pragma once

#include <ctime>

#include "core/types.hpp"

namespace openais {

constexpr clockid_t kRingClock = CLOCK_BOOTTIME;

inline timespec to_timespec(Time time) {
  return {static_cast<time_t>(time / 1'000'000'000), static_cast<long>(time % 1'000'000'000)};
}

inline Time clock_now() {
  timespec now{};
  clock_gettime(kRingClock, &now);
  return static_cast<Time>(now.tv_sec) * 1'000'000'000 + static_cast<Time>(now.tv_nsec);
}

}  // namespace openais
