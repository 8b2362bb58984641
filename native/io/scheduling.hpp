// What the system grants the ring thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace openais {

enum class Scheduling : std::uint8_t { kRealTime, kNice, kPlain };
const char* scheduling_name(Scheduling scheduling);

// Of the calling thread: real time if permitted, else nice, else as it is. Threads and processes that it starts do not
// inherit it.
Scheduling raise_priority();

// Keeps memory in core. False: not permitted, it may be paged out.
bool lock_memory(std::span<const std::uint8_t> memory);

}  // namespace openais
