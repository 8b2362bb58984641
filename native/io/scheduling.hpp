// What the system grants the ring thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace openais {

enum class Scheduling : std::uint8_t { kRealTime, kNice, kPlain };
const char* scheduling_name(Scheduling scheduling);

// Of the calling thread; threads and processes that it starts do not inherit real time. `realtime`: real time, else the
// lowest niceness, else as it is. Without it: a little ahead of others, else as it is. Real time holds its deadlines
// under any load, but where several rings share few processors it leaves the applications too little to fill the
// packets with.
Scheduling raise_priority(bool realtime);

// Keeps memory in core. False: not permitted, it may be paged out.
bool lock_memory(std::span<const std::uint8_t> memory);

}  // namespace openais
